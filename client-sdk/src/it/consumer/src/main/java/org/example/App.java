package org.example;

import dev.tributary.client.ClientException;
import dev.tributary.client.FederatedClient;
import dev.tributary.client.Policy;
import dev.tributary.nn.engine.Engines;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.TrustAnchors;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;

/** What works with the one dependency: the engine in plain Java, and a client that finds nobody to talk to. */
public final class App {
  private App() {}

  public static void main(String[] arguments) throws InterruptedException {
    System.out.println("version " + FederatedClient.version());
    System.out.println("engines " + Engines.available());
    try (FederatedClient client =
        FederatedClient.builder()
            .coordinator(URI.create("https://localhost:1"))
            .trust(TrustAnchors.trustOnFirstUse())
            .policy(Policy.atLeast().mode(Mode.CURIOUS))
            .state(Path.of(arguments[0]))
            .trainer(request -> new float[request.length()])
            .giveUpAfter(Duration.ZERO)
            .start()) {
      client.awaitDone();
    } catch (ClientException e) {
      System.out.println(e.code().text());
    }
  }
}
