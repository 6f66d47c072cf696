package dev.tributary.coordinator.net;

import dev.tributary.coordinator.JobResult;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.round.RoundListener;
import dev.tributary.coordinator.round.RoundReport;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What an operator reads of a job: one line for each round, and the result. */
final class RoundLines implements RoundListener {
  private final PrintWriter out;
  private final Job job;
  private final String prefix;

  RoundLines(PrintWriter out, Job job) {
    this(out, job, "");
  }

  /** Lines that begin with a prefix, where several jobs are told of. */
  RoundLines(PrintWriter out, Job job, String prefix) {
    this.out = out;
    this.job = job;
    this.prefix = prefix;
  }

  /** What is promised before it begins. */
  void job(int population) {
    line(
        "job %s: %d rounds, %d of %,d clients a round, %s",
        job.name(),
        job.rounds(),
        job.cohort().size(),
        population,
        job.privacy().none()
            ? "no privacy promised"
            : String.format(
                "epsilon %s of population \"%s\"",
                plain(job.privacy().epsilon()), job.privacy().population()));
  }

  @Override
  public void onRecovered(int round, String what) {
    line("round %d was in flight when %s; going on with round %d", round, what, round + 1);
  }

  @Override
  public void onWaiting(int round, int of, int there, int needed) {
    line(
        "round %d of %d   waits for its clients: %d of at least %d are there",
        round, of, there, needed);
  }

  @Override
  public void onReplaced(int round, int of, int members) {
    line("round %d of %d   asks spares for %d who are not there", round, of, members);
  }

  @Override
  public void onLeftOut(int round, String client) {
    line(
        "client %s is asked no more after round %d: its shares did not fit those of too many others",
        client, round);
  }

  @Override
  public void onWithdrawn(int member) {
    line(
        "%s has withdrawn: what was held of it is deleted",
        member < 0 ? "a client" : "client " + member);
  }

  @Override
  public void onJoined(int member) {
    line("client %d has joined: it is drawn from the next pass of the schedule on", member);
  }

  @Override
  public void onLeft(int member, boolean left) {
    line(
        left
            ? "client %d, which has withdrawn, is drawn no more"
            : "client %d, which has withdrawn, is still drawn: too few others for the schedule",
        member);
  }

  @Override
  public void onRound(RoundReport report) {
    StringBuilder text = new StringBuilder();
    text.append(String.format(Locale.ROOT, "round %d of %d   ", report.round(), report.of()));
    text.append(report.survivors()).append(" in, ").append(report.lost()).append(" lost");
    if (report.lost() > 0) {
      text.append(" (").append(words(report.dropped())).append(')');
    }
    if (!report.declined().isEmpty()) {
      text.append("   declined: ").append(words(report.declined()));
    }
    if (!report.wrongShares().isEmpty()) {
      text.append("   wrong shares corrected: ").append(report.wrongShares().size());
    }
    if (report.metrics() != null) {
      text.append(
          Double.isNaN(report.metrics().accuracy())
              ? String.format(Locale.ROOT, "   loss %.5g", report.metrics().loss())
              : String.format(
                  Locale.ROOT, "   accuracy %.1f %%", 100 * report.metrics().accuracy()));
      report
          .metrics()
          .named()
          .forEach(
              (name, value) -> text.append(String.format(Locale.ROOT, "   %s %.4f", name, value)));
    }
    if (report.clientAccuracy() != null) {
      text.append(
          String.format(
              Locale.ROOT,
              "   at clients %.1f %%, worst tenth %.1f %%",
              100 * report.clientAccuracy().mean(),
              100 * report.clientAccuracy().worstDecile()));
    }
    if (!job.privacy().none()) {
      text.append(
          String.format(
              Locale.ROOT,
              "   epsilon %.2f of %s",
              (job.privacy().madeByClients() ? report.coordinatorView() : report.released())
                  .epsilon(),
              plain(job.privacy().epsilon())));
    }
    text.append(String.format(Locale.ROOT, "   %.1f s", report.duration().toMillis() / 1000.0));
    if (report.outcome() == RoundReport.Outcome.ABORTED) {
      text.append("   no model: ").append(report.reason());
    }
    line("%s", text);
  }

  void result(JobResult result) {
    line(
        "job %s: %s after %d of %d rounds, %d of them without a model%s",
        job.name(),
        result.outcome().name().toLowerCase(Locale.ROOT).replace('_', ' '),
        result.completed() + result.aborted(),
        result.rounds(),
        result.aborted(),
        result.reason().isEmpty() ? "" : ": " + result.reason());
    if (result.metrics() != null) {
      line(
          "result   %s",
          Double.isNaN(result.metrics().accuracy())
              ? String.format(
                  Locale.ROOT,
                  "loss %.5g on %d examples",
                  result.metrics().loss(),
                  result.metrics().examples())
              : String.format(
                  Locale.ROOT,
                  "%.1f %% of %d examples right, loss %.4f",
                  100 * result.metrics().accuracy(),
                  result.metrics().examples(),
                  result.metrics().loss()));
    }
    if (job.privacy().none()) {
      line("privacy  none: the job adds no noise");
    } else {
      line(
          "privacy  epsilon %.3f spent of %s at delta %s for a whole client; %s",
          result.released().epsilon(),
          plain(job.privacy().epsilon()),
          plain(job.privacy().delta()),
          job.privacy().madeByClients()
              ? String.format(
                  Locale.ROOT, "the coordinator's view %.3f", result.coordinatorView().epsilon())
              : "none against this coordinator, which sees each sum before its noise");
      if (job.sampled()) {
        line(
            "         %.3f against other clients, who know who was in their rounds",
            result.coordinatorView().epsilon());
      }
    }
    line("model    %s", result.modelDigest().isEmpty() ? "none" : "sha256 " + result.modelDigest());
  }

  void line(String format, Object... arguments) {
    out.println(prefix + String.format(Locale.ROOT, format, arguments));
    out.flush();
  }

  private static String words(Map<String, Integer> counts) {
    return counts.entrySet().stream()
        .map(
            count ->
                count.getValue() + " " + count.getKey().toLowerCase(Locale.ROOT).replace('_', ' '))
        .collect(Collectors.joining(", "));
  }

  static String plain(double number) {
    return number == Math.rint(number)
        ? Long.toString((long) number)
        : Double.toString(number).replace("E", "e");
  }
}
