package dev.tributary.simulation.cli;

import dev.tributary.client.ClientException;
import dev.tributary.client.ClientListener;
import dev.tributary.client.FederatedClient;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
              required = true,
              description = "The coordinator's address, https://host[:port].")
          URI coordinator,
      @Option(names = "--pin", description = "The fingerprint of its certificate, sha256:...")
          @Nullable String pin,
      @Option(names = "--state", required = true, description = "The client's state directory.")
          Path state,
      @Option(
              names = "--patience",
              defaultValue = "60",
              description = "Seconds to ask a coordinator that does not answer; 60 by default.")
          long patience)
      throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    FederatedClient.Builder client =
        FederatedClient.builder()
            .coordinator(coordinator)
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
    if (pin != null) {
      client.pin(pin);
    }
    client.withdraw();
    out.println("withdrawn: no client is left in " + state + "; ledgers and pins stay there");
    out.flush();
  }
}
