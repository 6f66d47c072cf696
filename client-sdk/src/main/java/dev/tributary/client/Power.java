package dev.tributary.client;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What Linux says about the machine's batteries, one directory each under {@code
 * /sys/class/power_supply}.
 */
final class Power {
  private final Path supplies;

  Power(Path supplies) {
    this.supplies = supplies;
  }

  static Power ofThisMachine() {
    return new Power(Path.of("/sys/class/power_supply"));
  }

  /** False while a battery is discharging; true where there is none, or nothing can be read. */
  boolean charging() {
    if (!Files.isDirectory(supplies)) {
      return true;
    }
    try (DirectoryStream<Path> each = Files.newDirectoryStream(supplies)) {
      for (Path supply : each) {
        if (first(supply.resolve("type")).equals("Battery")
            && first(supply.resolve("status")).equals("Discharging")) {
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      return true;
    }
  }

  private static String first(Path file) {
    try {
      return Files.isReadable(file) ? Files.readString(file).trim() : "";
    } catch (IOException e) {
      return "";
    }
  }
}
