package dev.tributary.client.samples;

import static dev.tributary.secagg.Mode.MALICIOUS;

import dev.tributary.client.ClientException;
import dev.tributary.client.ClientListener;
import dev.tributary.client.Eligibility;
import dev.tributary.client.Enrolment;
import dev.tributary.client.FederatedClient;
import dev.tributary.client.Policy;
import dev.tributary.client.Preview;
import dev.tributary.client.round.ClientOutcome;
import dev.tributary.nn.data.Csv;
import dev.tributary.secagg.TrustAnchors;
import java.net.URI;
import java.nio.file.Path;

/** A whole app: it takes part in a training with the rows of one CSV file. */
public final class SampleApp {
  private SampleApp() {}

  /** Prints what happens. */
  static final class Console implements ClientListener {
    @Override
    public void onOffer(Preview preview) {
      System.out.println(preview);
    }

    @Override
    public void onRound(ClientOutcome outcome) {
      System.out.println("round " + outcome.round() + ": " + outcome.kind() + outcome.reason());
    }
  }

  public static void main(String[] arguments) throws InterruptedException {
    Path home = Path.of(System.getProperty("user.home"), ".diagnosis");
    Path file = Path.of(arguments[0]);
    Enrolment enrolment = Enrolment.certificate(home.resolve("certificate.pem"));
    // tag::embed[]
    try (FederatedClient client =
        FederatedClient.builder()
            .coordinator(URI.create("https://learn.example.org"))
            .trust(TrustAnchors.fromPem(Path.of("authority.pem")))
            .enrolment(enrolment)
            .state(home.resolve("tributary"))
            .data(Csv.read(file).label("diagnosis").standardise().dataset())
            .policy(Policy.atLeast().cohort(50).maximumEpsilon(8).mode(MALICIOUS))
            .onlyWhen(Eligibility.charging().and(Eligibility.unmeteredNetwork()))
            .listener(new Console())
            .start()) {
      client.preview().ifPresent(System.out::println);
      client.awaitDone();
    } catch (ClientException e) {
      System.err.println(e.code().text() + ": " + e.getMessage());
    }
    // end::embed[]
  }
}
