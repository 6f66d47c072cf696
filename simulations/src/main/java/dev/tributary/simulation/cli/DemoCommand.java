package dev.tributary.simulation.cli;

import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.simulation.Backend;
import dev.tributary.simulation.VirtualBackend;
import dev.tributary.simulation.live.LiveDemo;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tributary demo}. */
@Command(
    name = "demo",
    description = "1,000 people train one picture classifier together, privately.",
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {"  tributary demo", "  tributary demo --rounds 10 --seed 3 --json result.json"})
public final class DemoCommand implements Callable<Integer> {
  static final String JOB = "examples/fashion-private.yaml";

  private static final String NEXT =
      """

        next        tributary simulate examples/fashion-private.yaml --set privacy.epsilon=2
                    tributary simulate examples/fashion-plain.yaml --fast     what privacy costs
                    tributary demo --live          the same, with real processes over HTTPS
      """;

  @Option(
      names = "--live",
      description =
          "The same job with real processes: a coordinator and 20 hosts with 50 clients each, over"
              + " HTTPS on this machine.")
  private boolean live;

  @Mixin private RunOptions options = new RunOptions();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    Terminal terminal = Terminal.of(spec.commandLine().getOut(), System.getenv());
    terminal.print(
        "Tributary: 1,000 people train one picture classifier together; nobody's pictures leave"
            + " their hands.\n\n");
    if (live) {
      new LiveRun(example(JOB), options, terminal, LiveDemo.Size.FULL).run("");
      return 0;
    }
    Job job = JobFile.parse(JOB, example(JOB), options.overrides());
    Backend.JobText text = new Backend.JobText(JOB, example(JOB), options.overrides(), "");
    new SimulationRun(job, text, VirtualBackend.PROTOCOL, options, terminal).run(NEXT);
    return 0;
  }

  /** An example of the repository that the launcher stands in, else the one of this jar. */
  static String example(String path) throws IOException {
    String home = System.getProperty("tributary.home");
    if (home != null && Files.isRegularFile(Path.of(home, path))) {
      return Files.readString(Path.of(home, path));
    }
    try (InputStream in =
        Objects.requireNonNull(DemoCommand.class.getResourceAsStream("/dev/tributary/" + path))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
