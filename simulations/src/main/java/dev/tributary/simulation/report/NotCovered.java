package dev.tributary.simulation.report;

import java.util.ArrayList;
import java.util.List;

/** What a reader of a report might take for granted and must not. */
final class NotCovered {
  private NotCovered() {}

  static List<String> lines(RunRecord run) {
    List<String> lines = new ArrayList<>();
    if (run.seeded()) {
      lines.add(
          "This is a simulation: keys and noise come from the seed, so that it can be repeated."
              + " Whoever knows the seed can take the noise away. A model simulated on real"
              + " people's data is not private; the same job run live draws its noise from the"
              + " operating system.");
    }
    if (run.privacy().isPresent()) {
      lines.add(
          "Epsilon bounds what the released models and the sums say about one "
              + run.privacy().get().unit()
              + "'s data. It does not cover who took part and when, network addresses and timing,"
              + " sizes of messages, or what a client's own device does with its data.");
      if (run.privacy().get().sampled()) {
        lines.add(
            "Sampling helps against nobody who learns who was in a round: other members of it, and"
                + " whoever watches the clients' network. It counts on clients being there or not"
                + " for reasons that have nothing to do with having been drawn.");
      }
      if (!run.privacy().get().boundsCoordinator()) {
        lines.add(
            "Nothing bounds what the coordinator of this run learns: it sees "
                + run.privacy().get().coordinatorSees()
                + ".");
      }
      if (run.privacy().get().distributed()) {
        lines.add(
            "Every client knows its own part of the noise. Epsilon is reckoned against "
                + run.privacy().get().colluders()
                + " of a round's members who pool what they know, with each other and with the"
                + " coordinator; more of them leave less noise against them.");
      }
      lines.add(
          "The accuracy and loss above are measured on rows that no client holds; they cost no"
              + " epsilon. A number computed from clients' own rows would.");
      lines.add(
          "Repeated jobs over the same people add up. This page shows this job; the ledger of the"
              + " population holds the sum.");
    }
    lines.add(
        "Secure aggregation and noise bound what leaks, not what a client sends: a client that lies"
            + " is not held to the clip norm and can push the model anywhere. Nothing here detects"
            + " poisoning.");
    lines.add(
        "Guarantees hold while fewer members of a round are corrupt than the job tolerates. The"
            + " authority that certifies clients decides who is a client: whoever controls it can"
            + " fill a round with clients of its own.");
    lines.add(
        "A coordinator or a network that refuses service can stop a run or leave clients out of"
            + " it.");
    return lines;
  }
}
