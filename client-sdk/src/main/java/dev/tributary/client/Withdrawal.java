package dev.tributary.client;

import dev.tributary.secagg.Identity;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a client out, the coordinator's part first: what this machine would need to ask again is
 * deleted once the coordinator has said that it has forgotten the client. Begun once, it can only
 * be finished: until then no client starts in its state directory.
 *
 * @param transport null for HTTPS to the coordinator, under {@code tls}
 * @param giveUpAfter how long to ask a coordinator that does not answer; null for ever
 */
record Withdrawal(
    URI coordinator,
    @Nullable Transport transport,
    TlsSettings tls,
    @Nullable HttpProxy proxy,
    Path state,
    @Nullable Duration giveUpAfter,
    ClientListener listener,
    Clock clock,
    Pause pause,
    SecureRandom random) {

  private static final Logger LOG = LoggerFactory.getLogger(Withdrawal.class);

  void run() throws InterruptedException {
    try (StateDirectory directory = StateDirectory.openExisting(state)) {
      Optional<Identity> identity = directory.knownIdentity();
      if (identity.isPresent()) {
        directory.beginWithdrawal();
        try (Identity known = identity.get()) {
          if (directory.hasMetACoordinator()) {
            tell(directory, known);
          }
        }
      }
      directory.forget();
    }
  }

  private void tell(StateDirectory directory, Identity identity) throws InterruptedException {
    Transport way = transport == null ? HttpTransport.over(coordinator, tls, proxy) : transport;
    try {
      persistently(new CheckIn(way, directory, identity, clock, random));
    } finally {
      if (transport == null) {
        way.close();
      }
    }
  }

  private void tell(ClientException trouble, Duration wait) {
    try {
      listener.onTrouble(trouble, wait);
    } catch (RuntimeException e) {
      LOG.warn("the app's listener failed: {}", e.toString());
    }
  }

  private void persistently(CheckIn coordinator) throws InterruptedException {
    Backoff backoff = new Backoff(random);
    Instant begin = clock.instant();
    while (true) {
      try {
        coordinator.withdraw();
        return;
      } catch (ClientException e) {
        Duration wait = backoff.afterFailure(e.window());
        Duration spent = Duration.between(begin, clock.instant());
        if (!e.code().passing() || (giveUpAfter != null && spent.compareTo(giveUpAfter) >= 0)) {
          throw e;
        }
        tell(e, wait);
        pause.sleep(wait);
      }
    }
  }
}
