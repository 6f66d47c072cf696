package org.example.diagnosis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tributary.secagg.EnrolmentAuthority;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Deployed, asked, undeployed. */
class DeploymentTest {
  @TempDir Path home;

  @Test
  void webApplication_takesItsClientAlong() throws Exception {
    EnrolmentAuthority known = EnrolmentAuthority.create("clinics", new SecureRandom());
    Files.writeString(home.resolve("authority.pem"), known.anchors().toPem());
    ServletContextHandler application = new ServletContextHandler("/");
    application.setInitParameter("tributary.coordinator", "https://localhost:1");
    application.setInitParameter("tributary.home", home.toString());
    application.addEventListener(new TributaryListener());
    application.addServlet(PreviewServlet.class, "/tributary");
    Server server = new Server();
    ServerConnector connector = new ServerConnector(server);
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    server.setHandler(application);
    server.start();
    URI page = URI.create("http://127.0.0.1:" + connector.getLocalPort() + "/tributary");
    String shown =
        HttpClient.newHttpClient()
            .send(HttpRequest.newBuilder(page).build(), BodyHandlers.ofString())
            .body();

    assertTrue(shown.contains("check-in"), shown);
    assertTrue(Files.exists(home.resolve("state").resolve("identity.pem")));
    assertTrue(threads() > 0);
    server.stop();
    assertEquals(0, threads());
  }

  private static long threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("tributary") && thread.isAlive())
        .count();
  }
}
