package dev.tributary.simulation.chaos;

import dev.tributary.client.ClientHooks;
import dev.tributary.client.FederatedClient;
import dev.tributary.client.HttpTransport;
import dev.tributary.client.Transport;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * A process of clients of the chaos job, each with a line and a state of its own. It prints their
 * keys, ends when they have, and does not outlive its parent.
 */
final class ChaosHost {
  private static final long LONGEST_WAIT = 1_000;

  private ChaosHost() {}

  /** Address, fingerprint, folder, first client, how many. */
  @SuppressWarnings("SystemOut") // the pipe to the parent
  public static void main(String[] args) throws Exception {
    Thread watch = new Thread(ChaosHost::haltWithParent, "parent watch");
    watch.setDaemon(true);
    watch.start();
    URI address = URI.create(args[0]);
    int first = Integer.parseInt(args[3]);
    List<FederatedClient> clients = new ArrayList<>();
    for (int client = first; client < first + Integer.parseInt(args[4]); client++) {
      Transport line = HttpTransport.pinned(address, args[1]);
      FederatedClient started =
          ClientHooks.with(
                  ChaosJob.client(
                      client, address, line, ChaosJob.state(Path.of(args[2]), client), 250),
                  Clock.systemUTC(),
                  LONGEST_WAIT)
              .start();
      clients.add(started);
      System.out.println("key " + client + " " + HexFormat.of().formatHex(started.identityKey()));
    }
    for (FederatedClient client : clients) {
      client.awaitDone();
    }
    System.out.println("done");
    System.exit(0);
  }

  private static void haltWithParent() {
    try {
      System.in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      // A broken pipe says the same as its end.
    }
    Runtime.getRuntime().halt(75);
  }
}
