package dev.tributary.simulation.cli;

import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.simulation.audit.Attacks;
import dev.tributary.simulation.audit.AuditRecord;
import dev.tributary.simulation.audit.CanaryAudit;
import dev.tributary.simulation.report.AuditPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tributary audit}. */
@Command(
    name = "audit",
    description =
        "Try to refute a job's epsilon with canaries, and show what attackers get (docs/audit.md).",
    mixinStandardHelpOptions = true,
    footerHeading = "%nExit status:%n",
    footer = {
      "  0  the claim was not refuted",
      "  1  it was",
      "",
      "Examples:",
      "  tributary audit examples/fashion-private.yaml",
      "  tributary audit examples/audit-white-box.yaml --runs 30 --no-attacks",
      "  tributary audit examples/audit-white-box.yaml --runs 30 --no-attacks --noise-factor 0.5"
    })
public final class AuditCommand implements Callable<Integer> {
  @Parameters(paramLabel = "JOB", description = "A job file with a simulation section.")
  private Path job = Path.of("job.yaml");

  @Option(
      names = "--canaries",
      paramLabel = "N",
      description = "Clients of each run that are canaries. Default: all.")
  private int canaries;

  @Option(
      names = "--runs",
      paramLabel = "N",
      description = "Runs to pool, with fresh coins and fresh noise. Default: ${DEFAULT-VALUE}.")
  private int runs = 1;

  @Option(
      names = "--confidence",
      paramLabel = "C",
      description = "Confidence of the lower bound. Default: ${DEFAULT-VALUE}.")
  private double confidence = 0.95;

  @Option(
      names = "--noise-factor",
      paramLabel = "F",
      description =
          "A drill: draw so much of the declared noise, as 0.5, and see whether the audit notices."
              + " No command that trains has this.")
  private double noiseFactor = 1;

  @Option(names = "--masked", description = "Run the whole protocol in place of its plain sum.")
  private boolean masked;

  @Option(
      names = "--attacks",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "Membership inference and inversion as well; on unless --no-attacks.")
  private boolean attacks = true;

  @Mixin private RunOptions options = new RunOptions();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    check(canaries >= 0, "--canaries must be 1 or more, or 0 for all");
    check(runs >= 1 && runs <= 10_000, "--runs must be 1 to 10000");
    check(confidence > 0.5 && confidence < 1, "--confidence must be above 0.5 and below 1");
    check(noiseFactor > 0 && noiseFactor <= 1, "--noise-factor must be above 0 and at most 1");
    Job read = JobFile.read(job, options.overrides());
    if (read.simulation() == null) {
      throw new CommandException(
          ErrorCode.JOB_MISSING_KEY,
          "job " + read.name() + " has no section simulation, so there is nobody to be a canary.");
    }
    Terminal terminal = Terminal.of(spec.commandLine().getOut(), System.getenv());
    Path folder = options.out(read.name() + "-audit");
    Files.createDirectories(folder);
    AuditRecord audit;
    try (Scratch scratch = Scratch.create()) {
      CanaryAudit.Settings settings =
          new CanaryAudit.Settings(
              canaries, runs, confidence, noiseFactor, masked, options.threads());
      audit = canaries(read, settings, scratch, terminal);
      if (attacks) {
        audit = audit.with(new Attacks(read, options.threads()).run(scratch.folder()));
      }
    }
    Path page = folder.resolve("audit.html");
    Files.writeString(page, AuditPage.of(audit));
    json(audit);
    terminal.print(AuditTable.of(audit) + Terminal.format("  %-11s %s%n", "report", page));
    return audit.refuted() ? 1 : 0;
  }

  private AuditRecord canaries(
      Job read, CanaryAudit.Settings settings, Scratch scratch, Terminal terminal)
      throws IOException, InterruptedException {
    try {
      AuditRecord audit =
          new CanaryAudit(read, settings)
              .run(
                  scratch.folder(),
                  run ->
                      terminal.progress(
                          Terminal.format("canaries: run %d of %d", run, runs),
                          System.currentTimeMillis(),
                          run == runs));
      terminal.endProgress();
      return audit;
    } catch (CanaryAudit.NothingReleasedException e) {
      throw new CommandException(ErrorCode.NO_ROUND_COMPLETED, String.valueOf(e.getMessage()), e);
    } catch (CanaryAudit.TooManyCanariesException e) {
      throw new ParameterException(spec.commandLine(), "--canaries: " + e.getMessage(), e);
    }
  }

  private void check(boolean holds, String rule) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), rule);
    }
  }

  private void json(AuditRecord audit) throws IOException {
    @Nullable Path file = options.json();
    if (file != null) {
      AuditJson.write(file, audit);
    }
  }
}
