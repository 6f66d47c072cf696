package org.example.diagnosis;

import dev.tributary.client.ClientException;
import dev.tributary.client.ClientListener;
import dev.tributary.client.Eligibility;
import dev.tributary.client.Enrolment;
import dev.tributary.client.FederatedClient;
import dev.tributary.client.Policy;
import dev.tributary.client.Preview;
import dev.tributary.nn.data.Csv;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.TrustAnchors;
import java.time.Duration;
import java.time.LocalTime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** One client for as long as the application runs; Spring closes it with the context. */
@Configuration(proxyBeanMethods = false)
public class TributaryConfiguration {
  private static final Logger LOG = LoggerFactory.getLogger(TributaryConfiguration.class);

  @Bean(destroyMethod = "close")
  FederatedClient federatedClient(Participation in, TrustAnchors trust) {
    return FederatedClient.builder()
        .coordinator(in.coordinator())
        .trust(trust)
        .enrolment(Enrolment.certificate(in.certificate()))
        .state(in.state())
        .data(Csv.read(in.rows()).label(in.label()).standardise().dataset())
        .policy(Policy.atLeast().cohort(50).maximumEpsilon(8).mode(Mode.MALICIOUS))
        .onlyWhen(Eligibility.between(LocalTime.of(22, 0), LocalTime.of(6, 0)))
        .trainingShare(0.5)
        .listener(new Log())
        .start();
  }

  @Bean
  TrustAnchors trustAnchors(Participation in) {
    return TrustAnchors.fromPem(in.authority());
  }

  /** Into the application's own log. */
  private static final class Log implements ClientListener {
    @Override
    public void onOffer(Preview preview) {
      LOG.info("{}", preview);
    }

    @Override
    public void onTrouble(ClientException trouble, Duration pause) {
      LOG.warn("{}; asked again in {} s", trouble.getMessage(), pause.toSeconds());
    }
  }
}
