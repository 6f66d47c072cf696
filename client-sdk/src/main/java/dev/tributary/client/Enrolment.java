package dev.tributary.client;

import dev.tributary.secagg.Certificate;
import dev.tributary.secagg.KeyFileException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How this client's identity gets certified. Asked when the client starts without a certificate
 * that is still valid.
 */
@FunctionalInterface
public interface Enrolment {
  /**
   * A certificate for the key, or nothing where members trust on first use.
   *
   * @param identityKey Ed25519 public key, 32 bytes
   * @throws IOException if the authority cannot be reached; the client asks again later
   */
  Optional<Certificate> enrol(byte[] identityKey) throws IOException, InterruptedException;

  /**
   * No certificate: the coordinator takes the key that it meets first, and sessions are curious.
   */
  static Enrolment trustOnFirstUse() {
    return key -> Optional.empty();
  }

  /**
   * A certificate that an authority has issued ({@code tributary authority issue}), in a file. The
   * file may come later than the client, and be replaced by a newer one: it is read whenever a
   * certificate is needed.
   */
  static Enrolment certificate(Path file) {
    return key -> {
      try {
        return Optional.of(Certificate.read(file));
      } catch (KeyFileException e) {
        throw new IOException(e.getMessage(), e);
      }
    };
  }
}
