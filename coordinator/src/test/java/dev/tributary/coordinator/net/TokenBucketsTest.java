package dev.tributary.coordinator.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.net.SocketAddress;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TokenBucketsTest {
  private static final long SECOND = 1_000_000_000L;
  private final AtomicLong now = new AtomicLong(5);

  @Test
  void take_burstThenRate_andEachKeyForItself() {
    TokenBuckets buckets = new TokenBuckets(2, 5, 10, now::get);
    for (int i = 0; i < 5; i++) {
      assertThat(buckets.take("a")).isTrue();
    }
    assertThat(buckets.take("a")).isFalse();
    assertThat(buckets.take("b")).isTrue();
    now.addAndGet(SECOND / 2 - 1);
    assertThat(buckets.take("a")).isFalse();
    now.addAndGet(1);
    assertThat(buckets.take("a")).isTrue();
    assertThat(buckets.take("a")).isFalse();
    now.addAndGet(3_600 * SECOND);
    int taken = 0;
    while (buckets.take("a")) {
      taken++;
    }
    assertThat(taken).isEqualTo(5);
  }

  /** In any stretch of time no key gets more than the burst and the rate over that stretch. */
  @Test
  void take_atRandomTimes_neverMoreThanBurstAndRate() {
    for (long seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      int rate = 1 + random.nextInt(20);
      int burst = rate + random.nextInt(50);
      AtomicLong clock = new AtomicLong();
      TokenBuckets buckets = new TokenBuckets(rate, burst, 2, clock::get);
      int taken = 0;
      for (int i = 0; i < 5_000; i++) {
        clock.addAndGet((long) (random.nextDouble() * SECOND / rate));
        taken += buckets.take("k") ? 1 : 0;
        double most = burst + rate * (clock.get() / 1e9) + 1e-6;
        assertThat((double) taken).as("seed %d", seed).isLessThanOrEqualTo(most);
      }
      assertThat(taken).as("seed %d", seed).isGreaterThan(burst);
    }
  }

  @Test
  void keys_areOfBoundedNumber_andWhoWasLongestAwayGoes() {
    TokenBuckets buckets = new TokenBuckets(1, 1, 3, now::get);
    for (int i = 0; i < 100; i++) {
      assertThat(buckets.take("k" + i)).isTrue();
      assertThat(buckets.size()).isLessThanOrEqualTo(3);
    }
    assertThat(buckets.take("k99")).isFalse();
    assertThat(buckets.take("k0")).isTrue();
  }

  @Test
  void key_ofIpv6_isItsNetwork() {
    String one = FrontGate.key(SocketAddress.inetSocketAddress(1, "2001:db8:0:1::1"));
    assertThat(FrontGate.key(SocketAddress.inetSocketAddress(9, "2001:db8:0:1:ffff::2")))
        .isEqualTo(one);
    assertThat(FrontGate.key(SocketAddress.inetSocketAddress(1, "2001:db8:0:2::1")))
        .isNotEqualTo(one);
    assertThat(FrontGate.key(SocketAddress.inetSocketAddress(1, "10.0.0.1"))).isEqualTo("10.0.0.1");
  }
}
