package dev.tributary.client;

import dev.tributary.privacy.LedgerConflictException;
import dev.tributary.privacy.LedgerEntry;
import dev.tributary.privacy.LedgerHead;
import dev.tributary.privacy.LedgerStorage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A ledger in a file, one entry a line: index, previous, content, hash, with tabs between. Its last
 * hash stands in a second file, written after the entry, so that lines cut off the end are missed.
 */
final class FileLedgerStorage implements LedgerStorage {
  private final AppendedLines lines;
  private final AppendedLines heads;
  private long count = -1;

  FileLedgerStorage(Path file) {
    lines = new AppendedLines(file);
    heads = new AppendedLines(file.resolveSibling(file.getFileName() + ".head"));
  }

  @Override
  public List<LedgerEntry> load() {
    try {
      List<LedgerEntry> entries = new ArrayList<>();
      for (String line : lines.read()) {
        entries.add(parse(line));
      }
      count = entries.size();
      return entries;
    } catch (IOException e) {
      throw FileClientJournal.unusable(lines.file(), e);
    }
  }

  private LedgerEntry parse(String line) {
    String[] fields = line.split("\t", -1);
    if (fields.length != 4) {
      throw FileClientJournal.damaged(lines.file(), "a line has not four fields", null);
    }
    try {
      return new LedgerEntry(Long.parseLong(fields[0]), fields[1], fields[2], fields[3]);
    } catch (NumberFormatException e) {
      throw FileClientJournal.damaged(lines.file(), "an index is not a number", e);
    }
  }

  @Override
  public void append(LedgerEntry entry) {
    if (count < 0) {
      load();
    }
    if (entry.index() != count) {
      throw new LedgerConflictException(
          "entry " + entry.index() + " offered where " + count + " is next");
    }
    try {
      lines.append(
          String.join(
              "\t", Long.toString(entry.index()), entry.previous(), entry.content(), entry.hash()));
      heads.append(entry.index() + "\t" + entry.hash());
      count++;
    } catch (IOException e) {
      throw FileClientJournal.unusable(lines.file(), e);
    }
  }

  @Override
  public Optional<LedgerHead> head() {
    try {
      List<String> all = heads.read();
      if (all.isEmpty()) {
        return Optional.empty();
      }
      String[] fields = all.get(all.size() - 1).split("\t", -1);
      return Optional.of(new LedgerHead(Long.parseLong(fields[0]), fields[1]));
    } catch (IOException e) {
      throw FileClientJournal.unusable(heads.file(), e);
    } catch (RuntimeException e) {
      throw FileClientJournal.damaged(heads.file(), "its last line is not an index and a hash", e);
    }
  }
}
