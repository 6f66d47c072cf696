package dev.tributary.coordinator.net;

import dev.tributary.secagg.TrustAnchors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the authority's file again when its text has changed, so that a revocation counts without a
 * restart. A file that is worse than the one before is told and not taken.
 */
final class TrustWatch implements AutoCloseable {
  private static final Duration EVERY = Duration.ofSeconds(10);

  private final @Nullable Path file;
  private final Consumer<TrustAnchors> taken;
  private final Consumer<String> tell;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "trust watch");
            thread.setDaemon(true);
            return thread;
          });
  private String last;

  private TrustWatch(@Nullable Path file, Consumer<TrustAnchors> taken, Consumer<String> tell) {
    this.file = file;
    this.taken = taken;
    this.tell = tell;
    this.last = text();
  }

  /** A watch over a file as it stands now; null for nothing to watch. */
  static TrustWatch over(@Nullable Path file, Consumer<TrustAnchors> taken, Consumer<String> tell) {
    return new TrustWatch(file, taken, tell);
  }

  /** Looks every ten seconds. */
  void start() {
    if (file != null) {
      var unused =
          clock.scheduleWithFixedDelay(
              this::look, EVERY.toMillis(), EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /** Looks now. */
  void look() {
    String now = text();
    if (file == null || now.equals(last)) {
      return;
    }
    last = now;
    try {
      TrustAnchors anchors = TrustAnchors.fromPem(file);
      taken.accept(anchors);
      tell.accept("the authority's file was read again: " + anchors);
    } catch (RuntimeException e) {
      tell.accept("the authority's file has changed and is not taken: " + e.getMessage());
    }
  }

  private String text() {
    try {
      return file == null ? "" : Files.readString(file);
    } catch (IOException e) {
      return "unreadable: " + e.getClass();
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
