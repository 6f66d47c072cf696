package dev.tributary.simulation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tributary job}: the jobs of a running coordinator. */
@Command(
    name = "job",
    description =
        "Submits, shows, pauses, resumes and cancels jobs of a running coordinator; explains a job"
            + " file.",
    mixinStandardHelpOptions = true,
    subcommands = JobExplainCommand.class)
public final class JobCommand implements Runnable {
  private static final String NAME = "The job's name.";
  private static final String JSON = "Prints the coordinator's answer as it is.";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** {@code tributary job submit}. */
  @Command(
      name = "submit",
      description =
          "Gives a coordinator, one started without --job, a job to run beside its others; an"
              + " operator or owner may. The file goes as it is.",
      mixinStandardHelpOptions = true)
  void submit(
      @Mixin AdminOptions to,
      @Parameters(paramLabel = "FILE", description = "The job file.") Path file) {
    show(to.client().postFile("jobs", file));
  }

  /** {@code tributary job list}. */
  @Command(
      name = "list",
      description = "Lists the jobs; any role may.",
      mixinStandardHelpOptions = true)
  void list(@Mixin AdminOptions to, @Option(names = "--json", description = JSON) boolean json) {
    JsonNode jobs = to.client().get("jobs");
    if (json) {
      say("%s", jobs);
      return;
    }
    for (JsonNode job : jobs.path("jobs")) {
      say(
          "%-24s %-20s %s of %s rounds, %s without a model",
          text(job, "name"),
          text(job, "state"),
          text(job.path("rounds"), "committed"),
          text(job.path("rounds"), "planned"),
          text(job.path("rounds"), "aborted"));
    }
  }

  /** {@code tributary job status}. */
  @Command(
      name = "status",
      description = "Shows how a job stands; any role may.",
      mixinStandardHelpOptions = true)
  void status(
      @Mixin AdminOptions to,
      @Parameters(paramLabel = "NAME", description = NAME) String name,
      @Option(names = "--json", description = JSON) boolean json) {
    JsonNode job = to.client().get("jobs/" + checked(name));
    if (json) {
      say("%s", job);
    } else {
      show(job);
    }
  }

  /** {@code tributary job pause}. */
  @Command(
      name = "pause",
      description =
          "Lets no further round begin, also after a restart; an operator or owner may. The round"
              + " in flight goes on.",
      mixinStandardHelpOptions = true)
  void pause(
      @Mixin AdminOptions to, @Parameters(paramLabel = "NAME", description = NAME) String name) {
    show(to.client().post("jobs/" + checked(name) + "/pause", null));
  }

  /** {@code tributary job resume}. */
  @Command(
      name = "resume",
      description = "Lets rounds follow one another again; an operator or owner may.",
      mixinStandardHelpOptions = true)
  void resume(
      @Mixin AdminOptions to, @Parameters(paramLabel = "NAME", description = NAME) String name) {
    show(to.client().post("jobs/" + checked(name) + "/resume", null));
  }

  /** {@code tributary job cancel}. */
  @Command(
      name = "cancel",
      description =
          "Ends a job for good and calls its round in flight off; an operator or owner may.",
      mixinStandardHelpOptions = true)
  void cancel(
      @Mixin AdminOptions to, @Parameters(paramLabel = "NAME", description = NAME) String name) {
    show(to.client().post("jobs/" + checked(name) + "/cancel", null));
  }

  /** A name goes into a path, and so must be one. */
  private String checked(String name) {
    if (!name.matches("[a-z0-9][a-z0-9-]{0,63}")) {
      throw new ParameterException(
          spec.commandLine(),
          "A job's name has small letters, digits and hyphens. Provided: " + name);
    }
    return name;
  }

  private void show(JsonNode job) {
    JsonNode rounds = job.path("rounds");
    String reason = text(job, "reason");
    say("job      %s", text(job, "name"));
    say("state    %s%s", text(job, "state"), reason.isEmpty() ? "" : ": " + reason);
    say(
        "rounds   %s of %s, %s without a model%s",
        text(rounds, "committed"),
        text(rounds, "planned"),
        text(rounds, "aborted"),
        rounds.path("inFlight").isNull() ? "" : ", " + text(rounds, "inFlight") + " in flight");
    JsonNode clients = job.path("clients");
    boolean changed = clients.path("joined").asInt() + clients.path("left").asInt() > 0;
    say(
        "clients  %s of %s%s",
        text(clients, "enrolled"),
        text(clients, "awaited"),
        changed
            ? ", %s joined later, %s left".formatted(text(clients, "joined"), text(clients, "left"))
            : "");
    JsonNode waiting = job.path("waiting");
    if (waiting.isObject()) {
      say(
          "waits    round %s: %s of at least %s are there, since %.0f s",
          text(waiting, "round"),
          text(waiting, "there"),
          text(waiting, "needed"),
          waiting.path("seconds").asDouble());
    }
    JsonNode epsilon = job.path("epsilon");
    if (epsilon.isObject()) {
      say(
          "epsilon  %.4f released, %.4f seen by the coordinator, of %s at delta %s",
          epsilon.path("released").asDouble(),
          epsilon.path("coordinatorView").asDouble(),
          text(epsilon, "budget"),
          text(epsilon, "delta"));
    }
    say("model    %s", job.path("model").isNull() ? "none" : "sha256 " + text(job, "model"));
  }

  /** What the coordinator says must not speak to this terminal. */
  private static String text(JsonNode node, String field) {
    return AuditLogCommand.printable(node.path(field).asText("?"));
  }

  private void say(String format, Object... values) {
    spec.commandLine().getOut().println(String.format(Locale.ROOT, format, values));
    spec.commandLine().getOut().flush();
  }
}
