package dev.tributary.simulation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tributary.coordinator.store.AuditChain;
import dev.tributary.coordinator.store.AuditEntry;
import dev.tributary.coordinator.store.AuditLog;
import dev.tributary.coordinator.store.Store;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
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
        "The record of administrative acts and changes of trust: of a running coordinator (--url,"
            + " with an auditor's or owner's token), or in the store of one that does not run.",
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
      @Mixin AdminOptions to,
      @Option(
              names = "--noted",
              paramLabel = "NUMBER:HASH",
              description =
                  "An entry that an earlier check printed, and that must still be there: without"
                      + " it, whoever can write the database can write a whole new log.")
          @Nullable String noted) {
    AuditChain.Link known = noted == null ? null : link(noted);
    try (Source log = source(where, to)) {
      AuditChain.Link last = AuditChain.verify(log::page, known);
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
      @Mixin AdminOptions to,
      @Option(
              names = "--from",
              paramLabel = "N",
              description = "First entry; 1 by default.",
              defaultValue = "1")
          long from) {
    try (Source log = source(where, to)) {
      PrintWriter out = spec.commandLine().getOut();
      AuditLog.Page page = log.page(from);
      while (!page.entries().isEmpty()) {
        long last = from;
        for (AuditEntry entry : page.entries()) {
          out.println(line(entry));
          last = entry.number();
        }
        page = log.page(last + 1);
      }
      out.flush();
    }
  }

  /** Where the log is read. */
  private interface Source extends AutoCloseable {
    AuditLog.Page page(long from);

    @Override
    default void close() {}
  }

  private static Source source(StoreOptions where, AdminOptions to) {
    if (to.given()) {
      AdminClient client = to.client();
      return from ->
          page(client.get("audit-log?from=" + Math.max(1, from) + "&limit=" + AuditLog.PAGE));
    }
    Store store = where.open();
    return new Source() {
      @Override
      public AuditLog.Page page(long from) {
        return store.auditLog().page(from, AuditLog.PAGE);
      }

      @Override
      public void close() {
        store.close();
      }
    };
  }

  private static AuditLog.Page page(JsonNode json) {
    List<AuditEntry> entries = new ArrayList<>();
    for (JsonNode entry : json.path("entries")) {
      entries.add(
          new AuditEntry(
              entry.path("number").asLong(),
              entry.path("at").asText(""),
              entry.path("who").asText(""),
              entry.path("what").asText(""),
              entry.path("detail").asText(""),
              entry.path("hash").asText("")));
    }
    JsonNode head = json.path("head");
    return new AuditLog.Page(
        entries,
        head.isObject()
            ? new AuditChain.Link(head.path("number").asLong(), head.path("hash").asText(""))
            : null);
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
