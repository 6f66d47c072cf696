package dev.tributary.coordinator.net;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Token buckets by key, of bounded number: whoever was longest away is forgotten first, and comes
 * back to a full bucket. Safe for many threads.
 */
final class TokenBuckets {
  private static final double NANOS = 1e9;

  private final double perSecond;
  private final double burst;
  private final LongSupplier nanos;
  private final Map<String, Bucket> buckets;

  private static final class Bucket {
    double left;
    long since;

    Bucket(double left, long since) {
      this.left = left;
      this.since = since;
    }
  }

  /**
   * Buckets that are full at first.
   *
   * @param room keys that are remembered at most
   * @param nanos a clock that never goes back
   */
  TokenBuckets(int perSecond, int burst, int room, LongSupplier nanos) {
    this.perSecond = perSecond;
    this.burst = burst;
    this.nanos = nanos;
    this.buckets =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > room;
          }
        };
  }

  /** Takes one from a key's bucket, if it is not empty. */
  synchronized boolean take(String key) {
    long now = nanos.getAsLong();
    Bucket bucket = buckets.computeIfAbsent(key, any -> new Bucket(burst, now));
    bucket.left = Math.min(burst, bucket.left + (now - bucket.since) / NANOS * perSecond);
    bucket.since = now;
    if (bucket.left < 1) {
      return false;
    }
    bucket.left--;
    return true;
  }

  synchronized int size() {
    return buckets.size();
  }
}
