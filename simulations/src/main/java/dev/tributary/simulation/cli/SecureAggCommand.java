package dev.tributary.simulation.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.SumCosts;
import dev.tributary.secagg.Topology;
import java.io.PrintWriter;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code tributary secure-agg}. */
@Command(
    name = "secure-agg",
    description = "The masked sum: what a cohort needs and costs.",
    mixinStandardHelpOptions = true,
    subcommands = SecureAggCommand.Parameters.class)
public final class SecureAggCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** {@code tributary secure-agg parameters}. */
  @Command(
      name = "parameters",
      description = {
        "Graph, degree, threshold and quorum for a cohort, the loss that it survives, and the bytes"
            + " and operations of a round that loses as many.",
        "In mode malicious any coordinator behaviour is covered with fewer than a third of the"
            + " roster corrupt; in mode curious the coordinator follows the protocol."
      },
      mixinStandardHelpOptions = true)
  static final class Parameters implements Runnable {
    @Option(names = "--clients", required = true, paramLabel = "N", description = "Cohort size.")
    private int clients;

    @Option(
        names = "--corrupt-fraction",
        required = true,
        paramLabel = "G",
        description = "Part of the cohort that may be corrupt, 0 to below 1.")
    private double corruptFraction;

    @Option(
        names = "--dropout-fraction",
        required = true,
        paramLabel = "D",
        description = "Part of the cohort that may drop out without losing the sum.")
    private double dropoutFraction;

    @Option(
        names = "--correctness-bits",
        paramLabel = "BITS",
        defaultValue = "" + Topology.CORRECTNESS_BITS,
        description =
            "On a sparse graph a round within the dropout is lost with probability at most 2^-BITS"
                + " (${DEFAULT-VALUE}).")
    private int correctnessBits;

    @Option(
        names = "--mode",
        defaultValue = "malicious",
        description = "malicious or curious (${DEFAULT-VALUE}).")
    private String mode = "malicious";

    @Option(
        names = "--length",
        paramLabel = "D",
        defaultValue = "1000000",
        description = "Elements of the vector, for the costs (${DEFAULT-VALUE}).")
    private int length;

    @Option(
        names = "--ring-bits",
        paramLabel = "W",
        defaultValue = "32",
        description = "Bits of an element, 8 to 32, for the costs (${DEFAULT-VALUE}).")
    private int ringBits;

    @Option(
        names = "--post-quantum",
        description = "With ML-KEM-768 beside X25519: the suite sa1-mlkem768.")
    private boolean postQuantum;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
      if (length < 1) {
        throw misused("--length must be >= 1. Provided: " + length);
      }
      if (ringBits < 8 || ringBits > 32) {
        throw misused("--ring-bits must be 8 to 32. Provided: " + ringBits);
      }
      Mode chosen = mode();
      Topology topology =
          Topology.of(chosen, clients, corruptFraction, dropoutFraction, correctnessBits);
      int lost = topology.clientsOf(dropoutFraction);
      SumCosts costs = SumCosts.of(topology, lost, length, ringBits, postQuantum);
      PrintWriter out = spec.commandLine().getOut();
      if (json) {
        out.println(document(chosen, topology, lost, costs).toPrettyString());
      } else {
        print(out, chosen, topology, lost, costs);
      }
      out.flush();
    }

    private String suite() {
      return postQuantum ? Sa1.POST_QUANTUM : Sa1.ID;
    }

    private Mode mode() {
      for (Mode known : Mode.values()) {
        if (word(known).equals(mode)) {
          return known;
        }
      }
      throw misused("--mode must be malicious or curious. Provided: " + mode);
    }

    private ParameterException misused(String message) {
      return new ParameterException(spec.commandLine(), message);
    }

    private static String word(Enum<?> name) {
      return name.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private ObjectNode document(Mode chosen, Topology topology, int lost, SumCosts costs) {
      ObjectNode document = new ObjectMapper().createObjectNode();
      document.put("mode", word(chosen));
      document.put("suite", suite());
      document.put("clients", clients);
      document.put("corruptFraction", corruptFraction);
      document.put("dropoutFraction", dropoutFraction);
      document.put("correctnessBits", correctnessBits);
      document.put("graph", word(topology.graph()));
      document.put("degree", topology.degree());
      document.put("threshold", topology.threshold());
      document.put("quorum", topology.quorum());
      document.put("sample", topology.sample());
      document.put("toleratedLoss", topology.toleratedLoss());
      document.put("offered", offered(chosen, topology));
      document.put("length", length);
      document.put("ringBits", ringBits);
      document.put("lost", lost);
      side(document.putObject("client"), costs.client());
      side(document.putObject("coordinator"), costs.coordinator());
      return document;
    }

    /** Whether a session of this cohort runs so. */
    private boolean offered(Mode chosen, Topology topology) {
      return topology.equals(
          Topology.of(
              chosen, clients, corruptFraction, dropoutFraction, Topology.CORRECTNESS_BITS));
    }

    private static void side(ObjectNode node, SumCosts.Costs costs) {
      node.put("bytesSent", costs.bytesSent());
      node.put("bytesReceived", costs.bytesReceived());
      node.put("agreements", costs.agreements());
      node.put("encapsulations", costs.encapsulations());
      node.put("decapsulations", costs.decapsulations());
      node.put("verifications", costs.verifications());
      node.put("masks", costs.masks());
      node.put("maskElements", costs.maskElements());
      node.put("fieldProducts", costs.fieldProducts());
    }

    private void print(PrintWriter out, Mode chosen, Topology topology, int lost, SumCosts costs) {
      row(out, "suite", "%s", suite());
      row(out, "mode", word(chosen));
      row(out, "graph", word(topology.graph()));
      row(out, "degree", "%,d neighbours", topology.degree());
      row(out, "threshold", "%,d shares reconstruct a secret", topology.threshold());
      row(out, "quorum", "%,d signatures over the survivors", topology.quorum());
      if (topology.sample() > 0) {
        row(out, "sample", "%,d of them are drawn and seen by a client", topology.sample());
      }
      row(out, "tolerated loss", "%,d of %,d clients", topology.toleratedLoss(), clients);
      if (!offered(chosen, topology)) {
        row(
            out,
            "",
            "A plan only: sessions take " + Topology.CORRECTNESS_BITS + " correctness bits.");
      }
      out.printf(
          Locale.ROOT,
          "%nA round of %,d elements of %d bits that loses %,d clients:%n%n%-32s %18s %18s%n",
          length,
          ringBits,
          lost,
          "",
          "a client",
          "coordinator");
      SumCosts.Costs client = costs.client();
      SumCosts.Costs server = costs.coordinator();
      costs(out, "bytes sent", client.bytesSent(), server.bytesSent());
      costs(out, "bytes received", client.bytesReceived(), server.bytesReceived());
      costs(out, "X25519 agreements", client.agreements(), server.agreements());
      if (postQuantum) {
        costs(out, "ML-KEM-768 encapsulations", client.encapsulations(), server.encapsulations());
        costs(out, "ML-KEM-768 decapsulations", client.decapsulations(), server.decapsulations());
      }
      costs(out, "Ed25519 verifications", client.verifications(), server.verifications());
      costs(out, "masks", client.masks(), server.masks());
      costs(out, "elements of masks", client.maskElements(), server.maskElements());
      costs(out, "products in GF(2^61 - 1)", client.fieldProducts(), server.fieldProducts());
    }

    private static void row(PrintWriter out, String name, String pattern, Object... values) {
      out.printf(Locale.ROOT, "%-16s" + pattern + "%n", join(name, values));
    }

    private static Object[] join(String name, Object[] values) {
      Object[] all = new Object[values.length + 1];
      all[0] = name;
      System.arraycopy(values, 0, all, 1, values.length);
      return all;
    }

    private static void costs(PrintWriter out, String name, long client, long server) {
      out.printf(Locale.ROOT, "%-32s %,18d %,18d%n", name, client, server);
    }
  }
}
