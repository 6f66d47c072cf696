package dev.tributary.coordinator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.ByteString;
import dev.tributary.coordinator.access.ClientToken;
import dev.tributary.coordinator.access.Role;
import dev.tributary.coordinator.access.TokenException;
import dev.tributary.coordinator.access.TokenSecret;
import dev.tributary.privacy.Budget;
import dev.tributary.privacy.LedgerDamagedException;
import dev.tributary.privacy.PrivacyEvent;
import dev.tributary.privacy.Relation;
import dev.tributary.privacy.Unit;
import dev.tributary.wire.Entry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a store promises, whichever database it lies in. */
abstract class StoreContract {
  static final Budget BUDGET = new Budget("default", Unit.USER, Relation.ZERO_OUT, 4, 1e-5);
  static final PrivacyEvent EVENT = new PrivacyEvent.DiscreteGaussian(10, 100);

  /** So little that many rounds fit the budget. */
  static final PrivacyEvent FREE = new PrivacyEvent.DiscreteGaussian(1, 1e6);

  private static final SecureRandom RANDOM = new SecureRandom();

  @TempDir Path directory;

  /** The store of that name of this test, which is kept after it was closed. */
  abstract Store open(String name, Store.Probe probe);

  /** Changes what is written in the store {@link #open()}, which is closed. */
  abstract void tamper(String statement) throws SQLException;

  /** Makes the tables of the store {@link #open()} as a program of that version left them. */
  abstract void migrate(String version);

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  final Store open() {
    return open("store", Store.Probe.NONE);
  }

  /** Stands for the process being killed: nothing after it runs. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  /** A script of two rounds: one is released, one aborts after an unmasking answer. */
  static void script(Store store) {
    TaskStore task = store.task("job", BUDGET);
    if (task.find().isEmpty()) {
      task.begin("source", bytes("model 0"));
    }
    List<RoundRecord> rounds = task.rounds();
    if (rounds.isEmpty()) {
      task.reserve(1, bytes("plan 1".repeat(2_000)), List.of(3, 1, 2), EVENT, 1);
      task.journal(1, null, List.of(entry(Entry.Kind.INPUT_ACCEPTED)));
      task.flush();
      task.journal(1, null, List.of(entry(Entry.Kind.UNMASKING_ANSWERED)));
      task.flush();
      task.commit(1, bytes("model 1"), bytes("optimizer 1"), spent -> "{}");
    }
    if (rounds.size() < 2) {
      task.reserve(2, bytes("plan 2".repeat(2_000)), List.of(4, 5, 6), EVENT, 1);
      task.journal(2, null, List.of(entry(Entry.Kind.UNMASKING_ANSWERED)));
      task.flush();
      task.abort(2, "test", spent -> "{}");
    }
  }

  private static Entry entry(Entry.Kind kind) {
    return new Entry(kind, ByteString.copyFromUtf8("x"));
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Invariants 1 and 2, whatever was interrupted. */
  static void check(Store store) {
    TaskStore task = store.task("job", BUDGET);
    assertThat(store.auditLog().verify(null).number()).isEqualTo(task.find().isEmpty() ? 0 : 1);
    if (task.find().isEmpty()) {
      return;
    }
    boolean anyReleased = false;
    int optimizers = 0;
    for (RoundRecord round : task.rounds()) {
      boolean released = round.state() == RoundRecord.State.COMMITTED;
      anyReleased |= released;
      assertThat(round.model() != null).isEqualTo(released);
      if (released) {
        assertThat(store.blobs().read(round.model())).isNotEmpty();
        if (round.optimizer() != null) {
          optimizers++;
          assertThat(store.blobs().read(round.optimizer())).isNotEmpty();
        }
        assertThat(task.modelLength(round.model())).isPresent();
      }
    }
    assertThat(optimizers).isEqualTo(anyReleased ? 1 : 0);
    TaskStore.Spent spent = task.spent();
    assertThat(spent.released().epsilon() > 0).isEqualTo(anyReleased);
    assertThat(spent.coordinatorView().epsilon())
        .isGreaterThanOrEqualTo(spent.released().epsilon());
  }

  @Test
  void withdraw_leavesNumbersInTheIdentitysPlace_andEverythingElseAsItWas() {
    ByteString leaver = ByteString.copyFrom(new byte[32]);
    ByteString stays = ByteString.copyFromUtf8("y".repeat(32));
    ByteString certificate = ByteString.copyFromUtf8("certificate");
    List<Member> members = List.of(new Member(stays, certificate), new Member(leaver, certificate));
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    TaskStore.Spent spent;
    try (Store store = open()) {
      script(store);
      TaskStore running = store.task("job", BUDGET);
      running.freeze(members);
      store.task("other", BUDGET).begin("source", bytes("model"));
      store.task("other", BUDGET).freeze(members);
      running.reserve(3, bytes("plan"), List.of(1, 0), List.of(1, 2, 0), FREE, 1, null);

      store.withdraw(leaver, now);
      store.withdraw(leaver, now.plusSeconds(9));

      assertThat(store.isMember(leaver)).isFalse();
      assertThat(store.isMember(stays)).isTrue();
      assertThat(running.withdrawn()).containsExactly(1);
      store.auditLog().verify(null);
      assertThat(store.auditLog().page(1, 9).entries())
          .filteredOn(entry -> entry.what().equals("member-withdrawn"))
          .extracting(AuditEntry::detail)
          .containsExactlyInAnyOrder("member 1 of job job", "member 1 of job other");
      assertThat(running.population()).isEqualTo(members);
      assertThat(store.task("other", BUDGET).population())
          .containsExactly(members.get(0), new Member(ByteString.copyFrom(bytes(1)), null));
      running.abort(3, "test", none -> "{}");
      spent = running.spent();
    }
    try (Store store = open()) {
      TaskStore job = store.task("job", BUDGET);
      assertThat(job.population())
          .containsExactly(members.get(0), new Member(ByteString.copyFrom(bytes(1)), null));
      assertThat(job.withdrawn()).containsExactly(1);
      assertThat(job.rounds().get(2).cohort()).containsExactly(1, 0);
      assertThat(job.rounds().get(2).drawn()).containsExactly(1, 2, 0);
      assertThat(job.rounds().get(1).drawn()).containsExactly(4, 5, 6);
      assertThat(job.spent()).isEqualTo(spent);
    }
  }

  /** Where a member stands in the schedule is known to the next process. */
  @Test
  void members_thatJoinAndLeave_areThereAfterARestart() {
    Member founder = new Member(ByteString.copyFrom(new byte[32]), null);
    Member joiner =
        new Member(ByteString.copyFromUtf8("j".repeat(32)), ByteString.copyFrom(bytes("c")));
    try (Store store = open()) {
      script(store);
      TaskStore task = store.task("job", BUDGET);
      task.freeze(List.of(founder));
      task.join(1, joiner, new TaskStore.Place(3, 7, false));
      store.withdraw(founder.identity(), NOW);
      assertThat(task.places()).noneMatch(TaskStore.Place::left);
      task.leave(List.of(0));
    }
    try (Store store = open()) {
      TaskStore task = store.task("job", BUDGET);
      assertThat(task.population()).hasSize(2).endsWith(joiner);
      assertThat(task.withdrawn()).containsExactly(0);
      assertThat(task.places())
          .containsExactly(new TaskStore.Place(0, 0, true), new TaskStore.Place(3, 7, false));
    }
  }

  /** A name is used once, however it was used; a refusal and a failure leave nothing behind. */
  @Test
  void submissions_areKeptInOrder_eachNameOnce() {
    Set<String> fail = new HashSet<>();
    Store.Probe probe =
        step -> {
          if (fail.remove(step)) {
            throw new IllegalStateException("the disk is away");
          }
        };
    try (Store store = open("store", probe)) {
      store.task("begun", BUDGET).begin("source", bytes("model"));
      store.jobControl().say("x", "cancelled", JobControl.State.CANCELLED);
      assertThat(store.submissions().add("token ann", "second", "b")).isTrue();
      assertThat(store.submissions().add("token ann", "first", "a\u00e9")).isTrue();
      for (String used : List.of("begun", "cancelled", "first")) {
        assertThat(store.submissions().add("token ann", used, "c")).as(used).isFalse();
      }
      for (String step : List.of("audited", "before commit")) {
        fail.add(step);
        assertThatThrownBy(() -> store.submissions().add("token ann", "third", "c"))
            .hasMessage("the disk is away");
      }
      assertThat(store.auditLog().verify(null).number()).isEqualTo(4);
    }
    try (Store store = open("store", Store.Probe.NONE)) {
      assertThat(store.submissions().all())
          .containsExactly(
              new Submissions.Submission("second", "b"),
              new Submissions.Submission("first", "a\u00e9"));
      assertThat(store.auditLog().page(3, 2).entries())
          .extracting(AuditEntry::who, AuditEntry::what, AuditEntry::detail)
          .containsExactly(
              tuple(
                  "token ann",
                  "job-submitted",
                  "job second, file sha256:" + Blobs.digest(bytes("b"))),
              tuple(
                  "token ann",
                  "job-submitted",
                  "job first, file sha256:" + Blobs.digest(bytes("a\u00e9"))));
    }
  }

  private static byte[] bytes(int number) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
  }

  /** What a task remembers of the ledger is what is in the store, after failures and others too. */
  @Test
  void ledger_keptBetweenTransactions_isThatOfTheStore() {
    Set<String> fail = new HashSet<>();
    Store.Probe probe =
        step -> {
          if (fail.remove(step)) {
            throw new IllegalStateException("the disk is away");
          }
        };
    try (Store store = open("store", probe)) {
      TaskStore first = store.task("first", BUDGET);
      TaskStore second = store.task("second", BUDGET);
      first.begin("source", bytes("model"));
      second.begin("source", bytes("model"));
      for (int round = 1; round <= 20; round++) {
        TaskStore task = round % 2 == 0 ? first : second;
        fail.add(round % 3 == 0 ? "reserved" : "charged");
        int number = round;
        assertThatThrownBy(
                () -> {
                  task.reserve(number, bytes("plan"), List.of(1), FREE, 1);
                  task.commit(number, bytes("m"), bytes("o"), spent -> "{}");
                })
            .hasMessage("the disk is away");
        assertThat(fail).isEmpty();
        if (number % 3 == 0) {
          task.reserve(number, bytes("plan"), List.of(1), FREE, number);
        }
        task.commit(number, bytes("model" + number), bytes("o"), spent -> "{}");
        TaskStore.Spent anew = store.task("reader", BUDGET).spent();
        assertThat(first.spent()).isEqualTo(anew);
        assertThat(second.spent()).isEqualTo(anew);
      }
      assertThat(store.ledger("default").curve()).hasSize(20);
    }
  }

  @Test
  void kill_betweenAnyTwoSteps_losesNoChargeAndReleasesNoModelWithoutOne() {
    Set<String> steps = new LinkedHashSet<>();
    try (Store store = open("dry", steps::add)) {
      script(store);
    }
    int moments = 0;
    List<String> all = new ArrayList<>();
    try (Store store = open("count", all::add)) {
      script(store);
    }
    moments = all.size();
    assertThat(steps).contains("audited", "reserved", "charged", "round recorded", "before commit");
    for (int moment = 0; moment < moments; moment++) {
      String name = "kill" + moment;
      int[] left = {moment};
      Throwable killed;
      try (Store store =
          open(
              name,
              step -> {
                if (left[0]-- == 0) {
                  throw new Killed();
                }
              })) {
        killed = catchThrowable(() -> script(store));
      }
      assertThat(killed).as("killed at %s", all.get(moment)).isInstanceOf(Killed.class);
      try (Store store = open(name, Store.Probe.NONE)) {
        check(store);
        settleAndGoOn(store);
        check(store);
      }
    }
  }

  /** What a restarted coordinator does: rounds in flight are given up, then the rest is done. */
  static void settleAndGoOn(Store store) {
    TaskStore task = store.task("job", BUDGET);
    for (RoundRecord round : task.rounds()) {
      if (round.state() == RoundRecord.State.RUNNING) {
        double before = task.spent().coordinatorView().epsilon();
        task.abort(round.round(), "restart", spent -> "{}");
        assertThat(task.spent().coordinatorView().epsilon()).isGreaterThanOrEqualTo(before);
      }
    }
    script(store);
    assertThat(task.rounds()).hasSize(2);
  }

  @Test
  void journal_unmaskingAnswer_chargesTheCoordinatorsViewAtOnce() {
    try (Store store = open()) {
      TaskStore task = store.task("job", BUDGET);
      task.begin("source", bytes("m"));
      task.reserve(1, bytes("plan"), List.of(1), EVENT, 1);

      task.journal(1, null, List.of(entry(Entry.Kind.UNMASKING_ANSWERED)));
      task.flush();
      task.journal(1, null, List.of(entry(Entry.Kind.UNMASKING_ANSWERED)));
      task.flush();

      assertThat(task.spent().coordinatorView().epsilon()).isPositive();
      assertThat(task.spent().released().epsilon()).isZero();
      assertThat(task.journal(1)).hasSize(2);
    }
  }

  @Test
  void journal_ofSeveralEvents_isOneTransaction() {
    List<String> steps = new ArrayList<>();
    try (Store store = open("together", steps::add)) {
      TaskStore task = store.task("job", BUDGET);
      task.begin("source", bytes("m"));
      task.reserve(1, bytes("plan"), List.of(1), List.of(1), EVENT, 1, event(0));
      steps.clear();

      for (int i = 1; i <= 100; i++) {
        task.journal(1, event(i), List.of(entry(Entry.Kind.INPUT_ACCEPTED)));
      }
      assertThat(steps).isEmpty();
      task.flush();
      task.flush();

      assertThat(steps).filteredOn("after commit"::equals).hasSize(1);
      assertThat(task.events(1)).hasSize(101).endsWith(event(100));
      assertThat(task.journal(1)).hasSize(100);
    }
  }

  @Test
  void journal_aTransactionThatComesFirst_writesItToo_orNothing() {
    Set<String> fail = new HashSet<>();
    Store.Probe probe =
        step -> {
          if (fail.contains(step)) {
            throw new IllegalStateException(step);
          }
        };
    try (Store store = open("first", probe)) {
      TaskStore task = store.task("job", BUDGET);
      task.begin("source", bytes("m"));
      task.reserve(1, bytes("plan"), List.of(1), List.of(1), EVENT, 1, event(0));
      task.journal(1, event(1), List.of(entry(Entry.Kind.UNMASKING_ANSWERED)));
      fail.add("cancelled");

      assertThatThrownBy(() -> task.abort(1, "test", spent -> "{}"))
          .isInstanceOf(IllegalStateException.class);
      assertThat(store.task("job", BUDGET).events(1)).hasSize(1);
      fail.clear();
      task.abort(1, "test", spent -> "{}");

      // The answer was charged although the round had not ended when it was journalled.
      assertThat(task.spent().coordinatorView().epsilon()).isPositive();
      assertThat(task.spent().released().epsilon()).isZero();
    }
  }

  private static RoundEvent event(int slot) {
    return new RoundEvent(
        Instant.EPOCH, RoundEvent.Kind.RECEIVED, slot, ByteString.copyFromUtf8("m" + slot));
  }

  @Test
  void commit_ofARoundThatIsNotRunning_isRefused() {
    try (Store store = open()) {
      script(store);
      TaskStore task = store.task("job", BUDGET);

      assertThatThrownBy(() -> task.commit(1, bytes("x"), bytes("y"), spent -> "{}"))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> task.commit(7, bytes("x"), bytes("y"), spent -> "{}"))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void modelLength_ofAnotherTask_isUnknown() {
    try (Store store = open()) {
      script(store);
      TaskStore other = store.task("other", BUDGET);
      String shared = other.begin("source", bytes("model 0"));
      String released =
          store.task("job", BUDGET).rounds().stream()
              .filter(round -> round.state() == RoundRecord.State.COMMITTED)
              .map(RoundRecord::model)
              .findFirst()
              .orElseThrow();

      assertThat(store.task("job", BUDGET).modelLength(released)).contains(7L);
      assertThat(other.modelLength(released)).isEmpty();
      assertThat(store.task("job", BUDGET).modelLength(shared)).contains(7L);
      assertThat(other.modelLength(shared)).contains(7L);
    }
  }

  private static void commit(TaskStore task, int round, String model, String optimizer) {
    task.reserve(round, bytes("plan"), List.of(1), FREE, 1);
    task.commit(round, bytes(model), bytes(optimizer), spent -> "{}");
  }

  @Test
  void spent_ledgerEntryChanged_isDamaged() throws SQLException {
    try (Store store = open()) {
      script(store);
    }
    tamper("UPDATE ledger SET entry = REPLACE(entry, 'job', 'jog') WHERE position = 2");

    refusesToTrain();
  }

  @Test
  void spent_lastLedgerEntriesCutOff_isDamaged() throws SQLException {
    try (Store store = open()) {
      script(store);
    }
    tamper("DELETE FROM ledger WHERE position > 2");

    refusesToTrain();
  }

  @Test
  void spent_wholeLedgerGone_isDamaged() throws SQLException {
    try (Store store = open()) {
      script(store);
    }
    tamper("DELETE FROM ledger");

    refusesToTrain();
  }

  @Test
  void begin_ledgerAndItsHeadGone_isDamagedForThatPopulationAlone() throws SQLException {
    try (Store store = open()) {
      script(store);
    }
    tamper("DELETE FROM ledger");
    tamper("DELETE FROM ledger_head");

    refusesToTrain();
    try (Store store = open()) {
      Budget other = new Budget("other", Unit.USER, Relation.ZERO_OUT, 4, 1e-5);
      store.task("elsewhere", other).begin("source", bytes("m"));
      assertThat(store.task("elsewhere", other).find()).isPresent();
    }
  }

  @Test
  void begin_ledgerGoneAndTasksOfUnknownPopulation_isDamaged() throws SQLException {
    try (Store store = open()) {
      script(store);
    }
    tamper("UPDATE task SET population = NULL");
    tamper("DELETE FROM ledger");
    tamper("DELETE FROM ledger_head");

    refusesToTrain();
  }

  private void refusesToTrain() {
    try (Store store = open()) {
      TaskStore task = store.task("job", BUDGET);
      assertThatThrownBy(task::spent).isInstanceOf(LedgerDamagedException.class);
      assertThatThrownBy(() -> task.reserve(3, bytes("p"), List.of(1), EVENT, 1))
          .isInstanceOf(LedgerDamagedException.class);
      TaskStore fresh = store.task("fresh", BUDGET);
      assertThatThrownBy(() -> fresh.begin("source", bytes("m")))
          .isInstanceOf(LedgerDamagedException.class);
    }
  }

  @Test
  void population_frozen_comesBackInOrder() {
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ByteString key = ByteString.copyFrom(bytes("key " + i));
      members.add(new Member(key, i % 2 == 0 ? null : ByteString.copyFromUtf8("certificate")));
    }
    try (Store store = open()) {
      store.task("job", BUDGET).freeze(members);
      assertThat(store.task("job", BUDGET).population()).isEqualTo(members);
    }
  }

  @Test
  void commit_removesTheOptimizerStateBeforeAndNoModel() {
    try (Store store = open()) {
      script(store);
      TaskStore task = store.task("job", BUDGET);
      String first = Blobs.digest(bytes("optimizer 1"));
      // The third round leaves the optimizer as it was, and the fourth's is another task's too.
      commit(task, 3, "model 3", "optimizer 1");
      assertThat(store.blobs().read(first)).isNotEmpty();
      TaskStore other = store.task("other", BUDGET);
      other.begin("source", bytes("model 0"));
      commit(other, 1, "model 1", "optimizer 1");
      commit(task, 4, "model 4", "optimizer 4");
      assertThat(store.blobs().read(first)).isNotEmpty();
      commit(other, 2, "model 2", "optimizer 2");
      assertThatThrownBy(() -> store.blobs().read(first))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("is missing");
      assertThat(task.rounds())
          .extracting(RoundRecord::optimizer)
          .containsExactly(null, null, null, Blobs.digest(bytes("optimizer 4")));
      for (int model = 0; model <= 4; model++) {
        assertThat(store.blobs().read(Blobs.digest(bytes("model " + model)))).isNotEmpty();
      }
    }
  }

  /** What was written under any earlier version is there, and all that is new works on it. */
  @ParameterizedTest
  @ValueSource(strings = {"1", "2", "3", "4", "6", "7", "8", "9", "16", "18"})
  void open_storeOfAnEarlierVersion_isBroughtUpToDate(String version) throws SQLException {
    migrate(version);
    tamper(
        "INSERT INTO round (task, round, state, plan, cohort)"
            + " VALUES ('old', 1, 'ABORTED', '\\x00', '\\x00')");
    try (Store store = open()) {
      script(store);
      check(store);
      store.tokens().create("x", "alice", Role.OWNER, Duration.ofDays(1), RANDOM);
      store.jobControl().say("x", "job", JobControl.State.PAUSED);
      assertThat(store.submissions().add("x", "another", "source")).isTrue();
      assertThat(store.clientTokens().find(clientToken(store, NOW), NOW)).isPresent();
      assertThat(store.mailboxTerm()).isEqualTo(1);
      assertThat(store.auditLog().verify(null).number()).isEqualTo(4);
      assertThat(
              store.<List<Integer>>transaction(
                  "Looking",
                  sql ->
                      sql.query(
                          "SELECT COUNT(*) FROM round WHERE task = 'old'", row -> row.getInt(1))))
          .containsExactly(1);
    }
  }

  private static ByteString clientToken(Store store, Instant now) {
    ByteString identity = ByteString.copyFrom(new byte[32]);
    return store.clientTokens().issue("job", identity, now, ClientTokens.LONGEST);
  }

  /** A key signs for a day and is kept for a day more; each token is known as long as it lives. */
  @Test
  void clientTokens_areKnownToWhoeverHasTheStore_untilTheirKeyHasGone() {
    Map<ByteString, Instant> issued = new LinkedHashMap<>();
    Instant now = NOW;
    for (int start = 0; start < 4; start++) {
      try (Store store = open()) {
        for (int i = 0; i < 3; i++) {
          now = now.plus(Duration.ofHours(7));
          for (Map.Entry<ByteString, Instant> each : issued.entrySet()) {
            Instant at = each.getValue();
            Optional<ClientToken> known = store.clientTokens().find(each.getKey(), now);
            if (now.isBefore(at.plus(Duration.ofHours(24)))) {
              assertThat(known).as("of %s at %s", at, now).isPresent();
              assertThat(known.get().issued()).isEqualTo(at);
              assertThat(known.get().expires())
                  .isBetween(at.plus(Duration.ofHours(18)), at.plus(Duration.ofHours(24)));
            }
          }
          issued.put(clientToken(store, now), now);
        }
        assertThat(keys(store)).isBetween(1, 3);
      }
    }
    now = now.plus(Duration.ofHours(49));
    try (Store store = open()) {
      var unused = clientToken(store, now);
      assertThat(keys(store)).isEqualTo(1);
      for (ByteString gone : issued.keySet()) {
        assertThat(store.clientTokens().find(gone, now)).isEmpty();
      }
    }
  }

  /** What a clock that was far ahead has made is not known once the clock is right. */
  @Test
  void clientTokens_ofAClockThatWasWrong_areNotKnown() {
    try (Store store = open()) {
      ByteString ahead = clientToken(store, NOW.plus(Duration.ofDays(300)));
      ByteString right = clientToken(store, NOW);
      assertThat(store.clientTokens().find(ahead, NOW)).isEmpty();
      assertThat(store.clientTokens().find(right, NOW)).isPresent();
      assertThat(store.clientTokens().find(right.concat(right), NOW)).isEmpty();
      for (Duration wrong : List.of(Duration.ofSeconds(59), Duration.ofHours(25))) {
        assertThatThrownBy(
                () ->
                    store
                        .clientTokens()
                        .issue("job", ByteString.copyFrom(new byte[32]), NOW, wrong))
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
  }

  private static int keys(Store store) {
    return store
        .<List<Integer>>transaction(
            "Looking",
            sql -> sql.query("SELECT COUNT(*) FROM client_token_key", row -> row.getInt(1)))
        .get(0);
  }

  @Test
  void mailboxTerms_onlyRise() {
    long last = 0;
    for (int start = 0; start < 3; start++) {
      try (Store store = open()) {
        for (int i = 0; i < 2; i++) {
          long term = store.mailboxTerm();
          assertThat(term).isGreaterThan(last);
          last = term;
        }
      }
    }
  }

  /** A log of five entries: a job begun, four changes of trust. */
  private AuditChain.Link audited() {
    try (Store store = open()) {
      store.task("job", BUDGET).begin("source", bytes("m"));
      for (String anchors : List.of("one", "two", "two", "one", "none\nat all \u0000")) {
        store.auditLog().trust("coordinator", anchors);
      }
      return store.auditLog().verify(null);
    }
  }

  @Test
  void auditLog_keepsWhatWasDone_inOrder() {
    AuditChain.Link last = audited();
    try (Store store = open()) {
      AuditLog log = store.auditLog();
      assertThat(log.verify(last)).isEqualTo(last);
      assertThat(log.page(1, 10).head()).isEqualTo(last);
      assertThat(log.page(1, 10).entries())
          .extracting(AuditEntry::number, AuditEntry::what, AuditEntry::detail)
          .containsExactly(
              tuple(
                  1L,
                  "job-begun",
                  "job job of population default, file sha256:" + Blobs.digest(bytes("source"))),
              tuple(2L, "trust-changed", "one"),
              tuple(3L, "trust-changed", "two"),
              tuple(4L, "trust-changed", "one"),
              tuple(5L, "trust-changed", "none at all  "));
      assertThat(log.page(4, 1).entries()).extracting(AuditEntry::number).containsExactly(4L);
      assertThat(log.page(6, 1).entries()).isEmpty();
      assertThatThrownBy(() -> log.page(1, 1001)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  /** Any change of any field of any entry, and any that is gone, is found and named. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "UPDATE audit_entry SET at = REPLACE(at, '20', '19') WHERE number = 3 | entry 3 is not",
        "UPDATE audit_entry SET who = 'somebody' WHERE number = 5 | entry 5 is not what",
        "UPDATE audit_entry SET what = 'job-begun' WHERE number = 2 | entry 2 is not what",
        "UPDATE audit_entry SET detail = 'x' WHERE number = 1 | entry 1 is not what",
        "UPDATE audit_entry SET who = 'coordinatort', what = 'rust-changed' WHERE number = 2 | entry 2",
        "UPDATE audit_entry SET hash = REPLACE(hash, SUBSTR(hash, 1, 4), 'zzzz') WHERE number = 4 | entry 4",
        "DELETE FROM audit_entry WHERE number = 1 | entry 1 is missing",
        "DELETE FROM audit_entry WHERE number = 3 | entry 3 is missing",
        "DELETE FROM audit_entry WHERE number = 5 | ends with entry 4 and had 5",
        "DELETE FROM audit_entry | ends with entry 0 and had 5",
        "UPDATE audit_entry SET number = 0 WHERE number = 1 | entry 0 comes after",
        "UPDATE audit_head SET number = 4 | head does not name",
        "UPDATE audit_head SET hash = 'x' | head does not name",
        "DELETE FROM audit_head | is missing"
      })
  void auditLog_changedOrCut_isDamagedByName(String change, String said) throws SQLException {
    audited();
    tamper(change);
    try (Store store = open()) {
      assertThatThrownBy(() -> store.auditLog().verify(null))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.code()).isEqualTo("audit-log-damaged"))
          .hasMessageContaining(said);
    }
  }

  /** Whoever wrote a new chain, or put an older one back, is found by what was noted. */
  @Test
  void auditLog_replacedAsAWhole_lacksWhatWasNoted() throws SQLException {
    AuditChain.Link noted = audited();
    tamper("DELETE FROM audit_entry");
    tamper("DELETE FROM audit_head");
    try (Store store = open()) {
      assertThat(store.auditLog().verify(null).number()).isZero();
      assertThatThrownBy(() -> store.auditLog().verify(noted))
          .hasMessageContaining("entry 5 was noted earlier");
      for (int i = 0; i < 6; i++) {
        store.auditLog().trust("coordinator", "invented " + i);
      }
      assertThat(store.auditLog().verify(null).number()).isEqualTo(6);
      assertThatThrownBy(() -> store.auditLog().verify(noted))
          .hasMessageContaining("entry 5 is another one than was noted earlier");
    }
  }

  /** Nothing is done that cannot be told of. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "DELETE FROM audit_entry WHERE number = 5",
        "DELETE FROM audit_entry",
        "UPDATE audit_entry SET hash = 'x' WHERE number = 5",
        "UPDATE audit_head SET hash = 'x'",
        "DELETE FROM audit_head"
      })
  void auditLog_whoseEndIsDamaged_letsNoActThrough(String change) throws SQLException {
    audited();
    tamper(change);
    try (Store store = open()) {
      TaskStore other = store.task("other", BUDGET);
      assertThatThrownBy(() -> other.begin("source", bytes("m")))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.code()).isEqualTo("audit-log-damaged"));
      assertThat(other.find()).isEmpty();
    }
  }

  @Test
  void tokens_areKeptWithoutTheirSecrets_andEndWhenTheyAreRevoked() {
    TokenSecret secret;
    try (Store store = open()) {
      Tokens tokens = store.tokens();
      assertThat(tokens.all()).isEmpty();
      secret = tokens.create("x", "alice", Role.OPERATOR, Duration.ofDays(7), RANDOM).secret();
      tokens.create("x", "bob", Role.VIEWER, Duration.ofDays(1), RANDOM);
      assertThat(tokens.find(secret)).map(Tokens.Token::name).contains("alice");
      assertThat(tokens.find(TokenSecret.draw(RANDOM))).isEmpty();
      for (String name : List.of("alice", "Alice", "", "a b", "x".repeat(65), "../a")) {
        assertThatThrownBy(() -> tokens.create("x", name, Role.OWNER, Duration.ofDays(1), RANDOM))
            .isInstanceOf(TokenException.class);
      }
      assertThatThrownBy(
              () -> tokens.create("x", "carol", Role.OWNER, Duration.ofDays(3651), RANDOM))
          .isInstanceOf(TokenException.class);
    }
    try (Store store = open()) {
      Tokens tokens = store.tokens();
      Tokens.Token alice = tokens.find(secret).orElseThrow();
      assertThat(alice.role()).isEqualTo(Role.OPERATOR);
      assertThat(Duration.between(alice.created(), alice.expires())).isEqualTo(Duration.ofDays(7));
      assertThat(alice.at(alice.expires().minusSeconds(1))).isEqualTo(Tokens.State.VALID);
      assertThat(alice.at(alice.expires())).isEqualTo(Tokens.State.EXPIRED);
      assertThat(tokens.revoke("y", "alice").revoked()).isNotNull();
      Instant first = tokens.find(secret).orElseThrow().revoked();
      assertThat(tokens.revoke("y", "alice").revoked()).isEqualTo(first);
      assertThat(tokens.find(secret).orElseThrow().at(alice.created()))
          .isEqualTo(Tokens.State.REVOKED);
      assertThatThrownBy(() -> tokens.revoke("y", "nobody"))
          .isInstanceOfSatisfying(
              TokenException.class, e -> assertThat(e.code()).isEqualTo("token-name-unknown"));
      assertThat(store.auditLog().page(1, 10).entries())
          .extracting(AuditEntry::who, AuditEntry::what)
          .containsExactly(
              tuple("x", "token-created"),
              tuple("x", "token-created"),
              tuple("y", "token-revoked"));
    }
    try (Store store = open()) {
      assertThat(store.tokens().find(secret).orElseThrow().at(Instant.now()))
          .isEqualTo(Tokens.State.REVOKED);
    }
  }

  /** Killed at any step, a token is made and told of, or neither. */
  @Test
  void tokens_andTheirEntries_areNeverApart() {
    for (String step : List.of("audited", "before commit", "after commit")) {
      String name = "token-" + step.replace(' ', '-');
      boolean[] armed = {false};
      Throwable killed;
      try (Store store =
          open(
              name,
              at -> {
                if (armed[0] && at.equals(step)) {
                  throw new Killed();
                }
              })) {
        armed[0] = true;
        killed =
            catchThrowable(
                () -> store.tokens().create("x", "alice", Role.OWNER, Duration.ofDays(1), RANDOM));
      }
      assertThat(killed).isInstanceOf(Killed.class);
      try (Store store = open(name, Store.Probe.NONE)) {
        assertThat(store.tokens().all()).hasSize(step.equals("after commit") ? 1 : 0);
        assertThat(store.auditLog().verify(null).number()).isEqualTo(store.tokens().all().size());
      }
    }
  }

  @Test
  void jobControl_keepsWhatWasSaid_andTellsOfItOnce() {
    try (Store store = open()) {
      JobControl control = store.jobControl();
      assertThat(control.of("job")).isEqualTo(JobControl.State.RUNNING);
      assertThat(control.say("x", "job", JobControl.State.RUNNING))
          .isEqualTo(JobControl.State.RUNNING);
      for (int twice = 0; twice < 2; twice++) {
        assertThat(control.say("x", "job", JobControl.State.PAUSED))
            .isEqualTo(JobControl.State.PAUSED);
      }
      assertThat(control.of("other")).isEqualTo(JobControl.State.RUNNING);
    }
    try (Store store = open()) {
      JobControl control = store.jobControl();
      assertThat(control.of("job")).isEqualTo(JobControl.State.PAUSED);
      control.say("y", "job", JobControl.State.RUNNING);
      control.say("z", "job", JobControl.State.CANCELLED);
      assertThat(control.say("y", "job", JobControl.State.RUNNING))
          .isEqualTo(JobControl.State.CANCELLED);
      assertThat(store.auditLog().page(1, 10).entries())
          .extracting(AuditEntry::who, AuditEntry::what, AuditEntry::detail)
          .containsExactly(
              tuple("x", "job-paused", "job job"),
              tuple("y", "job-resumed", "job job"),
              tuple("z", "job-cancelled", "job job"));
    }
  }
}
