package dev.tributary.client.samples;

import dev.tributary.client.Enrolment;
import dev.tributary.client.FederatedClient;
import dev.tributary.client.Policy;
import dev.tributary.nn.data.Csv;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.TrustAnchors;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/** The shorter pieces of the documentation. */
final class SampleCalls {
  private SampleCalls() {}

  static void readme(Path appDirectory, Path file) throws InterruptedException {
    // tag::readme[]
    try (FederatedClient client =
        FederatedClient.builder()
            .coordinator(URI.create("https://learn.example.org"))
            .trust(TrustAnchors.fromPem(Path.of("authority.pem")))
            .enrolment(Enrolment.certificate(Path.of("client.certificate")))
            .state(appDirectory.resolve("tributary"))
            .data(Csv.read(file).label("diagnosis").standardise().dataset())
            .policy(Policy.atLeast().cohort(50).maximumEpsilon(8).mode(Mode.MALICIOUS))
            .start()) {
      client.awaitDone();
    }
    // end::readme[]
  }

  static void trust(FederatedClient client, TrustAnchors pinned, Path fetched) throws IOException {
    // tag::trust[]
    client.trust(pinned.update(Files.readString(fetched)));
    // end::trust[]
  }

  static void leave(FederatedClient client) throws InterruptedException {
    // tag::leave[]
    client.withdraw();
    // end::leave[]
  }

  static void leave(URI address, String fingerprint, Path directory) throws InterruptedException {
    // tag::leave-later[]
    // without a client that runs
    FederatedClient.builder().coordinator(address).pin(fingerprint).state(directory).withdraw();
    // end::leave-later[]
  }
}
