package dev.tributary.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Requests and replies of a job, byte for byte, in the order in which they were answered. */
final class WireRecord {
  /** One request and its reply; models and inputs are bodies as they are. */
  record Entry(int member, String what, byte[] request, byte[] reply) {}

  final List<Entry> entries = new ArrayList<>();

  static WireRecord read(Path file) throws IOException {
    WireRecord record = new WireRecord();
    for (String line : Files.readAllLines(file)) {
      String[] fields = line.split("\t", -1);
      HexFormat hex = HexFormat.of();
      record.entries.add(
          new Entry(
              Integer.parseInt(fields[0]),
              fields[1],
              hex.parseHex(fields[2]),
              hex.parseHex(fields[3])));
    }
    return record;
  }

  void write(Path file) throws IOException {
    HexFormat hex = HexFormat.of();
    List<String> lines = new ArrayList<>();
    for (Entry each : entries) {
      lines.add(
          each.member()
              + "\t"
              + each.what()
              + "\t"
              + hex.formatHex(each.request())
              + "\t"
              + hex.formatHex(each.reply()));
    }
    Files.write(file, lines);
  }

  List<Entry> of(int member) {
    return entries.stream().filter(each -> each.member() == member).toList();
  }

  /** The first entry of a member whose request begins so. */
  Entry first(int member, String what) {
    return of(member).stream()
        .filter(each -> each.what().startsWith(what))
        .findFirst()
        .orElseThrow();
  }
}
