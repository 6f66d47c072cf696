package org.example.diagnosis;

import dev.tributary.client.Enrolment;
import dev.tributary.client.FederatedClient;
import dev.tributary.client.Policy;
import dev.tributary.secagg.Mode;
import dev.tributary.secagg.TrustAnchors;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.annotation.WebListener;
import java.net.URI;
import java.nio.file.Path;

/**
 * One client for as long as the web application is deployed. No thread of it is left when it is
 * undeployed, so the container can let go of its class loader.
 */
@WebListener
public final class TributaryListener implements ServletContextListener {
  static final String CLIENT = FederatedClient.class.getName();

  @Override
  public void contextInitialized(ServletContextEvent event) {
    ServletContext context = event.getServletContext();
    Path home = Path.of(context.getInitParameter("tributary.home"));
    FederatedClient client =
        FederatedClient.builder()
            .coordinator(URI.create(context.getInitParameter("tributary.coordinator")))
            .trust(TrustAnchors.fromPem(home.resolve("authority.pem")))
            .enrolment(Enrolment.certificate(home.resolve("client.certificate")))
            .state(home.resolve("state"))
            .trainer(new MeanTrainer(home.resolve("visits.txt")))
            .policy(Policy.atLeast().cohort(50).maximumEpsilon(8).mode(Mode.MALICIOUS))
            .start();
    context.setAttribute(CLIENT, client);
  }

  @Override
  public void contextDestroyed(ServletContextEvent event) {
    FederatedClient client = (FederatedClient) event.getServletContext().getAttribute(CLIENT);
    if (client != null) {
      client.close();
    }
  }
}
