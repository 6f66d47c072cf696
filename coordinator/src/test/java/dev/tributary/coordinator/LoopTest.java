package dev.tributary.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LoopTest {
  private final LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();

  private List<String> heard(int count) throws InterruptedException {
    List<String> taken = new ArrayList<>();
    while (taken.size() < count) {
      taken.add(heard.take());
    }
    return taken;
  }

  @Test
  void tasksThatWait_haveOneAfterwards() throws InterruptedException {
    CountDownLatch queued = new CountDownLatch(1);
    try (Loop loop = new Loop(() -> heard.add("afterwards"), failure -> {})) {
      loop.execute(
          () -> {
            heard.add("first");
            await(queued);
          });
      loop.execute(() -> heard.add("second"));
      loop.execute(() -> heard.add("third"));
      queued.countDown();

      assertThat(heard(4)).containsExactly("first", "second", "third", "afterwards");
    }
  }

  @Test
  void aTaskThatIsDueLater_isNotWaitedFor() throws InterruptedException {
    try (Loop loop = new Loop(() -> heard.add("afterwards"), failure -> {})) {
      var unused = loop.after(Duration.ofHours(1), () -> heard.add("never"));
      loop.execute(() -> heard.add("now"));

      assertThat(heard(2)).containsExactly("now", "afterwards");
    }
  }

  @Test
  void manyTasks_afterwardsComesInBetween() throws InterruptedException {
    CountDownLatch queued = new CountDownLatch(1);
    try (Loop loop = new Loop(() -> heard.add("afterwards"), failure -> {})) {
      loop.execute(() -> await(queued));
      for (int i = 0; i < 600; i++) {
        loop.execute(() -> heard.add("task"));
      }
      queued.countDown();

      assertThat(heard(603)).filteredOn("afterwards"::equals).hasSize(3);
    }
  }

  @Test
  void aTaskThatThrows_endsTheLoopWithoutAfterwards() throws InterruptedException {
    CountDownLatch queued = new CountDownLatch(1);
    try (Loop loop =
        new Loop(
            () -> heard.add("afterwards"),
            failure -> heard.add(String.valueOf(failure.getMessage())))) {
      loop.execute(
          () -> {
            await(queued);
            throw new IllegalStateException("broken");
          });
      loop.execute(() -> heard.add("next"));
      queued.countDown();

      assertThat(heard(1)).containsExactly("broken");
    }
    assertThat(heard).isEmpty();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
