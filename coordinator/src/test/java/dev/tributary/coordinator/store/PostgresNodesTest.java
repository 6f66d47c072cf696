package dev.tributary.coordinator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.tributary.privacy.Budget;
import dev.tributary.wire.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the coordinators of one PostgreSQL keep from one another. */
class PostgresNodesTest {
  private static final Budget BUDGET = StoreContract.BUDGET;
  private static final Member MEMBER = new Member(ByteString.copyFromUtf8("a member"), null);

  @TempDir Path directory;
  private final String schema = TestPostgres.schema();
  private final PostgresSettings settings = TestPostgres.settings(schema, Duration.ofMinutes(10));

  private Store node(String name) {
    Store store = Store.share(directory.resolve(name), settings);
    store.sharing().announce("https://" + name + ":1", "sha256:00");
    return store;
  }

  private static String code(Throwable refused) {
    return ((StoreException) refused).code();
  }

  private void lapse() {
    TestPostgres.run("UPDATE " + schema + ".node SET expires = 0");
  }

  @Test
  void store_thatNodesShare_isNobodysAlone_andTheOtherWayRound() {
    try (Store one = node("one");
        Store two = node("two")) {
      assertThat(one.sharing().view().live()).hasSize(2);
      assertThat(two.sharing().view().live().values())
          .extracting(Nodes.Node::address)
          .containsExactlyInAnyOrder("https://one:1", "https://two:1");
      assertThatThrownBy(() -> Store.open(directory.resolve("alone"), settings))
          .hasMessageContaining("https://")
          .satisfies(refused -> assertThat(code(refused)).isEqualTo(StoreException.LOCKED));
      lapse();
      try (Store alone = Store.open(directory.resolve("alone"), settings)) {
        assertThat(alone.sharing()).isNull();
        assertThatThrownBy(() -> node("three"))
            .satisfies(refused -> assertThat(code(refused)).isEqualTo(StoreException.LOCKED));
      }
      // They stood still while it was another's, and are told when they go on.
      assertThatThrownBy(one.sharing()::view)
          .satisfies(refused -> assertThat(code(refused)).isEqualTo(StoreException.TAKEN_OVER));
    }
    Store.open(directory.resolve("alone"), settings).close();
  }

  @Test
  void job_isOneNodesAtATime_andTheFormerOwnerWritesNothingOfIt() {
    try (Store one = node("one");
        Store two = node("two")) {
      assertThat(one.sharing().claim("job")).isTrue();
      assertThat(two.sharing().claim("job")).isFalse();
      TaskStore former = one.task("job", BUDGET);
      former.begin("source", new byte[] {1});
      former.freeze(List.of());
      former.reserve(1, new byte[] {2}, List.of(1), StoreContract.FREE, 1);

      assertThatThrownBy(() -> two.task("job", BUDGET).abort(1, "x", spent -> "{}"))
          .satisfies(refused -> assertThat(code(refused)).isEqualTo(StoreException.JOB_TAKEN_OVER));
      lapse();
      two.sharing().announce("https://two:1", "sha256:00");
      assertThat(two.sharing().claim("job")).isTrue();
      assertThat(one.sharing().nodes().lost("job", two.sharing().view())).isTrue();
      assertThatThrownBy(() -> former.commit(1, new byte[] {3}, new byte[] {4}, spent -> "{}"))
          .satisfies(refused -> assertThat(code(refused)).isEqualTo(StoreException.JOB_TAKEN_OVER));
      two.task("job", BUDGET).abort(1, "x", spent -> "{}");
      assertThat(one.task("job", BUDGET).rounds())
          .extracting(RoundRecord::state)
          .containsExactly(RoundRecord.State.ABORTED);
    }
  }

  private static void journal(TaskStore task, Entry.Kind kind, String content) {
    task.journal(
        1,
        new RoundEvent(
            Instant.EPOCH, RoundEvent.Kind.RECEIVED, 0, ByteString.copyFromUtf8(content)),
        List.of(new Entry(kind, ByteString.copyFromUtf8(content))));
  }

  /**
   * An owner that stood still while its lease ran out goes on as if nothing were: none of its
   * writes may join those of who took over, or a member could hear of two survivor sets.
   */
  @Test
  void formerOwner_thatGoesOn_addsNothingToTheRoundThatAnotherHasTakenOver() {
    Map<String, Consumer<TaskStore>> writes = new LinkedHashMap<>();
    for (Entry.Kind kind :
        List.of(
            Entry.Kind.INPUT_ACCEPTED,
            Entry.Kind.SURVIVORS_FROZEN,
            Entry.Kind.UNMASKING_ANSWERED)) {
      writes.put(
          kind.name(),
          task -> {
            journal(task, kind, "of the former owner");
            task.flush();
          });
    }
    writes.put("commit", task -> task.commit(1, new byte[] {3}, new byte[] {4}, spent -> "{}"));
    writes.put("abort", task -> task.abort(1, "x", spent -> "{}"));
    writes.put(
        "reserve", task -> task.reserve(2, new byte[] {2}, List.of(1), StoreContract.FREE, 1));
    Member another = new Member(ByteString.copyFromUtf8("another member"), null);
    writes.put("join", task -> task.join(1, another, new TaskStore.Place(1, 1, false)));
    writes.put("leave", task -> task.leave(List.of(0)));
    try (Store one = node("one");
        Store two = node("two")) {
      one.sharing().claim("job");
      TaskStore before = one.task("job", BUDGET);
      before.begin("source", new byte[] {1});
      before.freeze(List.of(MEMBER));
      before.reserve(1, new byte[] {2}, List.of(1), StoreContract.FREE, 1);
      journal(before, Entry.Kind.INPUT_ACCEPTED, "accepted");
      before.flush();

      lapse();
      two.sharing().announce("https://two:1", "sha256:00");
      assertThat(two.sharing().claim("job")).isTrue();
      TaskStore now = two.task("job", BUDGET);
      journal(now, Entry.Kind.SURVIVORS_FROZEN, "survivors");
      now.flush();
      List<Entry> entries = now.journal(1);
      List<TaskStore.Place> places = now.places();

      SoftAssertions softly = new SoftAssertions();
      writes.forEach(
          (what, write) ->
              softly
                  .assertThatThrownBy(() -> write.accept(one.task("job", BUDGET)))
                  .as(what)
                  .isInstanceOfSatisfying(
                      StoreException.class,
                      refused ->
                          assertThat(refused.code()).isEqualTo(StoreException.JOB_TAKEN_OVER)));
      softly.assertThat(now.journal(1)).isEqualTo(entries).hasSize(2);
      softly.assertThat(now.events(1)).hasSize(2);
      softly.assertThat(now.places()).isEqualTo(places);
      softly
          .assertThat(now.rounds())
          .extracting(RoundRecord::state)
          .containsExactly(RoundRecord.State.RUNNING);
      softly.assertAll();
    }
  }

  @Test
  void job_ofANodeThatStopped_isFreeAtOnce() {
    try (Store two = node("two")) {
      try (Store one = node("one")) {
        assertThat(one.sharing().claim("job")).isTrue();
        assertThat(two.sharing().claim("job")).isFalse();
      }
      assertThat(two.sharing().claim("job")).isTrue();
    }
  }

  @Test
  void input_whole_isReadByAll_andTheFirstStays() throws IOException {
    byte[] bytes = new byte[(5 << 19) + 3];
    bytes[bytes.length - 1] = 7;
    Path file = Files.write(directory.resolve("input"), bytes);
    Path other = Files.write(directory.resolve("other"), new byte[] {1});
    try (Store one = node("one");
        Store two = node("two")) {
      one.sharing().claim("job");
      one.task("job", BUDGET).begin("source", new byte[] {1});
      one.task("job", BUDGET).reserve(1, new byte[] {2}, List.of(5), StoreContract.FREE, 1);
      assertThat(two.sharing().inputs().running("job").orElseThrow().cohort()).containsExactly(5);
      two.sharing().inputs().keep("job", 1, 5, file);
      one.sharing().inputs().keep("job", 1, 5, other);
      two.sharing().inputs().keep("job", 2, 5, file);
      assertThat(one.sharing().inputs().length("job", 2, 5)).as("no such round").isZero();
      Files.delete(file);
      try (var in = one.sharing().inputs().of("job", 1, 5).open()) {
        assertThat(in.readAllBytes()).isEqualTo(bytes);
      }
      one.task("job", BUDGET).abort(1, "x", spent -> "{}");
      two.sharing().tidy();
      assertThat(TestPostgres.number("SELECT COUNT(*) FROM " + schema + ".input_part")).isZero();
    }
  }

  @Test
  void blob_thatNoRowNames_goesWhenItIsOld() {
    try (Store one = node("one")) {
      String fresh = one.blobs().put(new byte[] {1});
      String old = one.blobs().put(new byte[] {2});
      TestPostgres.run("UPDATE " + schema + ".blob_part SET at = 0 WHERE digest = '" + old + "'");
      one.sharing().tidy();
      assertThat(one.blobs().read(fresh)).containsExactly(1);
      assertThatThrownBy(() -> one.blobs().read(old)).hasMessageContaining("is missing");
    }
  }
}
