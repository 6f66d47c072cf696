package dev.tributary.simulation.cli;

import dev.tributary.client.ClientException;
import dev.tributary.client.ClientListener;
import dev.tributary.client.FederatedClient;
import dev.tributary.client.NnTrainer;
import dev.tributary.client.Preview;
import dev.tributary.client.TrainingRequest;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.job.JobFile;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.data.Dataset;
import dev.tributary.plan.Plan;
import dev.tributary.secagg.Sa1;
import dev.tributary.secagg.SumSuite;
import dev.tributary.simulation.Experiment;
import dev.tributary.wire.Seed;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tributary client}: what the owner of a client's machine may do without the app. */
@Command(
    name = "client",
    description = "Looks after a client's state on this machine, while its app does not run.",
    mixinStandardHelpOptions = true)
public final class ClientCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** {@code tributary client preview}. */
  @Command(
      name = "preview",
      description = {
        "Shows what would leave the machine of one client in the first round of a job, and sends nothing:",
        "it trains here, on that client's rows of the job's own data."
      },
      mixinStandardHelpOptions = true)
  void preview(
      @Parameters(paramLabel = "JOB", description = "A job file with a simulation section.")
          Path job,
      @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Changes a key of the job.")
          @Nullable List<String> overrides,
      @Option(
              names = "--client",
              paramLabel = "N",
              defaultValue = "0",
              description = "Whose rows, counted from 0; 0 by default.")
          int client) {
    Job read = JobFile.read(job, overrides == null ? List.of() : overrides);
    List<Dataset> clients = Experiment.federation(read).clients();
    if (client < 0 || client >= clients.size()) {
      throw new CommandException(
          ErrorCode.USAGE,
          "There is no client " + client + "; the job has 0 to " + (clients.size() - 1) + ".");
    }
    Seed seed = Experiment.rootSeed(1);
    ModelFile model =
        ModelFile.of(read.model(), read.model().initialise(seed.derive("model").toLong()));
    SumSuite suite = Sa1.of(read.secureAggregation().suite());
    Plan plan = new Planner(read, suite.id()).plan(1, model.digest(), model.toBytes().length, seed);
    float[] update =
        NnTrainer.over(clients.get(client))
            .train(new TrainingRequest(plan.task(), 1, model, plan.training(), seed.toLong()));
    PrintWriter out = spec.commandLine().getOut();
    out.println(Preview.ofTraining(plan, suite, model.spec(), update));
    out.flush();
  }

  /** {@code tributary client withdraw}. */
  @Command(
      name = "withdraw",
      description = {
        "Leaves for good: the coordinator deletes what it holds of the client, then this machine does.",
        "Ledgers and pins stay. It may be repeated until it is through."
      },
      mixinStandardHelpOptions = true)
  void withdraw(
      @Option(
              names = "--coordinator",
              paramLabel = "URL",
              required = true,
              description = "The coordinator's address, https://host[:port].")
          URI coordinator,
      @Option(
              names = "--pin",
              paramLabel = "FINGERPRINT",
              description = "The fingerprint of its certificate, sha256:...")
          @Nullable String pin,
      @Mixin TlsOptions tls,
      @Option(
              names = "--state",
              paramLabel = "FOLDER",
              required = true,
              description = "The client's state directory.")
          Path state,
      @Option(
              names = "--patience",
              paramLabel = "SECONDS",
              defaultValue = "60",
              description = "Seconds to ask a coordinator that does not answer; 60 by default.")
          long patience)
      throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    FederatedClient.Builder client =
        FederatedClient.builder()
            .coordinator(coordinator)
            .tls(tls.settings(pin, "--pin", spec.commandLine()))
            .state(state)
            .giveUpAfter(Duration.ofSeconds(patience))
            .listener(
                new ClientListener() {
                  @Override
                  public void onTrouble(ClientException trouble, Duration pause) {
                    out.println(trouble.getMessage());
                    out.flush();
                  }
                });
    client.withdraw();
    out.println("withdrawn: no client is left in " + state + "; ledgers and pins stay there");
    out.flush();
  }
}
