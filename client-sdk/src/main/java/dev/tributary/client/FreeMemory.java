package dev.tributary.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the JVM's heap and, on Linux, the machine have left. */
final class FreeMemory {
  private static final Pattern AVAILABLE = Pattern.compile("(?m)^MemAvailable:\\s+(\\d{1,15}) kB$");

  private final Path meminfo;

  FreeMemory(Path meminfo) {
    this.meminfo = meminfo;
  }

  static FreeMemory ofThisMachine() {
    return new FreeMemory(Path.of("/proc/meminfo"));
  }

  /** Bytes that could be allocated: what is smaller, the heap's room or the machine's. */
  long bytes() {
    Runtime runtime = Runtime.getRuntime();
    long unused = runtime.freeMemory();
    long heap = runtime.maxMemory() - runtime.totalMemory() + unused;
    long machine = available();
    return machine > Long.MAX_VALUE - unused ? heap : Math.min(heap, machine + unused);
  }

  /** Bytes that the machine can still give; the largest number where it does not say. */
  long available() {
    try {
      Matcher said = AVAILABLE.matcher(Files.readString(meminfo));
      return said.find() ? Long.parseLong(said.group(1)) * 1024 : Long.MAX_VALUE;
    } catch (IOException e) {
      return Long.MAX_VALUE;
    }
  }
}
