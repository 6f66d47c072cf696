package dev.tributary.simulation.cli;

import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.Store;
import dev.tributary.privacy.Budget;
import dev.tributary.privacy.LedgerDamagedException;
import dev.tributary.privacy.OperatorException;
import dev.tributary.secagg.Identity;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What an operator of a budget does: a key, a rise, a signed report; and what others check. */
final class OperatorCommands {
  private OperatorCommands() {}

  private static void say(CommandSpec spec, String format, Object... values) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(Terminal.format(format, values));
    out.flush();
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  /** {@code tributary privacy key}. */
  @Command(
      name = "key",
      description = "Make an operator's key; its public half goes into jobs as privacy.operator.",
      mixinStandardHelpOptions = true)
  static final class Key implements Runnable {
    @Option(names = "--out", required = true, description = "The secret key, a new file.")
    private Path out = Path.of("operator.pem");

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
      try (Identity key = Identity.generate(new SecureRandom())) {
        key.saveNew(out);
        say(spec, "operator %s: %s", hex(key.publicKey()), out);
        say(spec, "Keep the file where the coordinator cannot reach it, with a copy elsewhere.");
      }
    }
  }

  /** {@code tributary privacy raise}. */
  @Command(
      name = "raise",
      description =
          "Raise the budget of a population in a coordinator's store, which must not be running."
              + " The signed rise stays in the ledger.",
      mixinStandardHelpOptions = true)
  static final class Raise implements Runnable {
    @Parameters(paramLabel = "STORE", description = "Folder of the coordinator's store.")
    private Path folder = Path.of("data");

    @Option(names = "--population", description = "Whose; the only one of the store by default.")
    private @Nullable String population;

    @Option(names = "--epsilon", required = true, description = "The new budget.")
    private double epsilon;

    @Option(names = "--key", required = true, description = "The operator's secret key.")
    private Path key = Path.of("operator.pem");

    @Option(names = "--reason", required = true, description = "Stays in the ledger.")
    private String reason = "";

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
      if (!Files.isRegularFile(folder.resolve(LedgerStores.DATABASE))) {
        throw new CommandException(
            ErrorCode.DATA_MISSING, folder + " is no coordinator's store: it has no ledger");
      }
      if (reason.isBlank()) {
        throw new ParameterException(spec.commandLine(), "--reason must say why");
      }
      try (Identity operator = Identity.load(key);
          Store store = Store.open(folder, Durability.DISK)) {
        String whose = LedgerStores.population(store, folder, population);
        Budget raised = store.raise(whose, epsilon, reason, operator::signLabelled);
        say(
            spec,
            "population \"%s\" has epsilon %s at delta %s from now on",
            raised.population(),
            raised.epsilon(),
            raised.delta());
      }
    }
  }

  /** {@code tributary privacy export}. */
  @Command(
      name = "export",
      description = "Write a ledger and what it amounts to as JSON, signed by its operator.",
      mixinStandardHelpOptions = true)
  static final class Export implements Runnable {
    @Parameters(paramLabel = "SOURCE", description = "A store, a run, or a client's ledger.")
    private Path source = Path.of("data");

    @Option(names = "--population", description = "Whose; the only one of a store by default.")
    private @Nullable String population;

    @Option(names = "--key", required = true, description = "The operator's secret key.")
    private Path key = Path.of("operator.pem");

    @Option(names = "--out", required = true, description = "The report.")
    private Path out = Path.of("ledger.json");

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
      LedgerDocument document = LedgerDocument.find(source, population);
      try (Identity operator = Identity.load(key)) {
        String signer = hex(operator.publicKey());
        requireNamed(document, signer);
        String signature = hex(operator.signLabelled(document.claim().message()));
        Files.writeString(out, document.signed(signer, signature).toJson());
        say(spec, "%d entries, signed by %s: %s", document.history().entries().size(), signer, out);
      } catch (IOException e) {
        throw new CommandException(
            ErrorCode.OUTPUT_NOT_WRITABLE,
            "%s cannot be written (%s). Choose another file with --out."
                .formatted(out, e.getClass().getSimpleName()),
            e);
      }
    }
  }

  /** A ledger that names an operator is reported by that one alone. */
  private static void requireNamed(LedgerDocument document, String signer) {
    String named = document.history().opened().operator();
    if (!named.isEmpty() && !named.equals(signer)) {
      throw new OperatorException(
          "the ledger names the operator " + named + ", and the key is that of " + signer);
    }
  }

  /** {@code tributary privacy verify}. */
  @Command(
      name = "verify",
      description =
          "Check an exported ledger without its store: chain, signatures, and epsilon computed"
              + " anew from the history.",
      mixinStandardHelpOptions = true)
  static final class Verify implements Runnable {
    @Parameters(paramLabel = "FILE", description = "What tributary privacy export wrote.")
    private Path file = Path.of("ledger.json");

    @Option(
        names = "--operator",
        description =
            "Public key, 64 hex digits, that must have signed; by default the one that the ledger"
                + " names.")
    private @Nullable String operator;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
      LedgerDocument document = LedgerDocument.read(file);
      document
          .claim()
          .contradiction(document.history())
          .ifPresent(
              what -> {
                throw new LedgerDamagedException(
                    file + " states what its entries do not amount to: " + what);
              });
      String signer = signer(document);
      say(
          spec,
          "chain      %d entries, each what was written",
          document.history().entries().size());
      say(spec, "signature  of %s", signer);
      document
          .history()
          .raises()
          .forEach(
              raise -> say(spec, "raised     to %s, signed: %s", raise.epsilon(), raise.reason()));
      say(
          spec,
          "epsilon    released %.6g, seen by the coordinator %.6g, worst case %.6g of %.6g at delta"
              + " %.3g: computed anew",
          document.claim().released(),
          document.claim().coordinatorView(),
          document.claim().reservedWorstCase(),
          document.claim().budget(),
          document.claim().delta());
    }

    private String signer(LedgerDocument document) {
      LedgerDocument.Signed signed =
          document
              .signed()
              .orElseThrow(
                  () ->
                      new OperatorException(
                          file + " is not signed. tributary privacy export signs"));
      requireNamed(document, signed.key());
      if (operator == null && document.history().opened().operator().isEmpty()) {
        throw new OperatorException(
            "the ledger names no operator: give with --operator the key that you trust. This one is"
                + " signed by "
                + signed.key());
      }
      if (operator != null && !operator.equals(signed.key())) {
        throw new OperatorException(
            file + " is signed by " + signed.key() + ", expected was " + operator);
      }
      if (!document.claim().signedBy(signed.key(), signed.signature())) {
        throw new OperatorException(file + " is not signed by " + signed.key());
      }
      return signed.key();
    }
  }
}
