package dev.tributary.simulation.cli;

import dev.tributary.coordinator.store.AuditChain;
import dev.tributary.coordinator.store.AuditEntry;
import dev.tributary.coordinator.store.AuditLog;
import dev.tributary.coordinator.store.Store;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code tributary audit-log}: who did what, and whether the record of it is whole. */
@Command(
    name = "audit-log",
    description =
        "The record of administrative acts and changes of trust in a coordinator's store, which"
            + " must not be running.",
    mixinStandardHelpOptions = true)
public final class AuditLogCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** {@code tributary audit-log verify}. */
  @Command(
      name = "verify",
      description =
          "Checks every link; a damaged log ends with exit status 74 and names the first entry that"
              + " is not what was written, or is missing.",
      mixinStandardHelpOptions = true)
  void verify(
      @Mixin StoreOptions where,
      @Option(
              names = "--noted",
              paramLabel = "NUMBER:HASH",
              description =
                  "An entry that an earlier check printed, and that must still be there: without"
                      + " it, whoever can write the database can write a whole new log.")
          @Nullable String noted) {
    AuditChain.Link known = noted == null ? null : link(noted);
    try (Store store = where.open()) {
      AuditChain.Link last = store.auditLog().verify(known);
      PrintWriter out = spec.commandLine().getOut();
      out.println(
          Terminal.format(
              "%d entries, each what was written, none missing%s",
              last.number(), known == null ? "" : "; entry " + known.number() + " is as noted"));
      out.println(Terminal.format("note elsewhere: %d:%s", last.number(), last.hash()));
      out.flush();
    }
  }

  /** {@code tributary audit-log show}. */
  @Command(
      name = "show",
      description = "Prints the entries: number, time, who, what, detail. Checks nothing.",
      mixinStandardHelpOptions = true)
  void show(
      @Mixin StoreOptions where,
      @Option(
              names = "--from",
              paramLabel = "N",
              description = "First entry; 1 by default.",
              defaultValue = "1")
          long from) {
    try (Store store = where.open()) {
      PrintWriter out = spec.commandLine().getOut();
      AuditLog.Page page = store.auditLog().page(from, AuditLog.PAGE);
      while (!page.entries().isEmpty()) {
        long last = from;
        for (AuditEntry entry : page.entries()) {
          out.println(line(entry));
          last = entry.number();
        }
        page = store.auditLog().page(last + 1, AuditLog.PAGE);
      }
      out.flush();
    }
  }

  static String line(AuditEntry entry) {
    return Terminal.format(
        "%6d  %s  %-20s %-16s %s",
        entry.number(),
        printable(entry.at()),
        printable(entry.who()),
        printable(entry.what()),
        printable(entry.detail()));
  }

  /** What somebody else wrote into the database must not speak to this terminal. */
  static String printable(String text) {
    return text.replaceAll("[\\p{Cntrl}\\u2028\\u2029]", "?");
  }

  private AuditChain.Link link(String noted) {
    if (!noted.matches("[1-9]\\d{0,17}:[0-9a-f]{64}")) {
      throw new ParameterException(
          spec.commandLine(), "--noted is a number, a colon and 64 hex digits. Provided: " + noted);
    }
    String[] parts = noted.split(":", 2);
    return new AuditChain.Link(Long.parseLong(parts[0]), parts[1]);
  }
}
