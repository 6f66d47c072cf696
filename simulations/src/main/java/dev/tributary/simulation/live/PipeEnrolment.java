package dev.tributary.simulation.live;

import dev.tributary.client.Enrolment;
import dev.tributary.secagg.Certificate;
import dev.tributary.secagg.CertificateException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;

/**
 * A host's end of the enrolment: it writes {@code enrol KEY} to its standard output and reads
 * {@code certificate KEY CERTIFICATE} from its standard input, all in hexadecimal. The authority's
 * key stays with the parent.
 */
final class PipeEnrolment implements Enrolment {
  static final String ENROL = "enrol ";
  static final String CERTIFICATE = "certificate ";

  private final PrintStream out;
  private final Map<String, CompletableFuture<Certificate>> asked = new ConcurrentHashMap<>();

  PipeEnrolment(PrintStream out) {
    this.out = out;
  }

  /** Reads answers until the input ends, then runs {@code orphaned}. */
  void listen(InputStream in, Runnable orphaned) {
    Thread reader =
        new Thread(
            () -> {
              try (BufferedReader lines =
                  new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                  take(line);
                }
              } catch (IOException e) {
                // A broken pipe says the same as its end.
              }
              orphaned.run();
            },
            "parent watch");
    reader.setDaemon(true);
    reader.start();
  }

  private void take(String line) {
    String[] words = line.split(" ", -1);
    if (line.startsWith(CERTIFICATE) && words.length == 3) {
      try {
        waiting(words[1]).complete(Certificate.parse(HexFormat.of().parseHex(words[2])));
      } catch (CertificateException e) {
        waiting(words[1]).completeExceptionally(e);
      }
    }
  }

  private CompletableFuture<Certificate> waiting(String key) {
    return asked.computeIfAbsent(key, name -> new CompletableFuture<>());
  }

  @Override
  public Optional<Certificate> enrol(byte[] identityKey) throws IOException, InterruptedException {
    String key = HexFormat.of().formatHex(identityKey);
    CompletableFuture<Certificate> answer = waiting(key);
    synchronized (out) {
      out.println(ENROL + key);
      out.flush();
    }
    try {
      return Optional.of(answer.get());
    } catch (ExecutionException e) {
      throw new IOException("the authority's answer cannot be read", e);
    }
  }
}
