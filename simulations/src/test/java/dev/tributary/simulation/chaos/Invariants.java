package dev.tributary.simulation.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import dev.tributary.client.FileClientJournal;
import dev.tributary.client.Participation;
import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.round.Planner;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.Member;
import dev.tributary.coordinator.store.RoundRecord;
import dev.tributary.coordinator.store.Store;
import dev.tributary.coordinator.store.TaskStore;
import dev.tributary.nn.ModelFile;
import dev.tributary.privacy.LedgerHistory;
import dev.tributary.secagg.Identity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.Stream;

/** The invariants of a run, from the coordinator's store and the clients' journals alone. */
final class Invariants {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String as;
  private final Job job;
  private final Path folder;
  private final List<byte[]> keys;

  /**
   * What a run left.
   *
   * @param as the seed and its script, for messages
   * @param folder with {@code store} and the clients' state
   * @param keys of the clients, by their number
   */
  Invariants(String as, Job job, Path folder, List<byte[]> keys) {
    this.as = as;
    this.job = job;
    this.folder = folder;
    this.keys = List.copyOf(keys);
  }

  /**
   * Checks them all over a store that nobody has open.
   *
   * @param acknowledged whether a client's input of a round was acknowledged to it
   * @return how many rounds gave a model
   */
  int check(BiPredicate<Integer, Integer> acknowledged) throws IOException {
    try (Store store = Store.open(folder.resolve("store"), Durability.MEMORY)) {
      TaskStore task = store.task(job.name(), Planner.budget(job));
      List<RoundRecord> rounds = task.rounds();
      List<Set<Integer>> contributed = contributed();
      assertThat(rounds).as(as).hasSize(job.rounds());
      float[] before = model(store, task.find().orElseThrow().initialModel());
      Set<String> named = new HashSet<>(Set.of(task.find().orElseThrow().initialModel()));
      Map<Integer, Integer> participations = new HashMap<>();
      int committed = 0;
      for (RoundRecord round : rounds) {
        int number = round.round();
        String at = as + "\nround " + round.round() + ": " + round.report();
        List<Integer> cohort = cohort(task, round);
        cohort.forEach(client -> participations.merge(client, 1, Integer::sum));
        JsonNode report = JSON.readTree(round.report());
        assertThat(outcomes(report)).as(at).isEqualTo(cohort.size());
        assertThat(round.model() != null)
            .as(at)
            .isEqualTo(round.state() == RoundRecord.State.COMMITTED);
        Stream.of(round.model(), round.optimizer()).forEach(named::add);
        if (round.state() == RoundRecord.State.COMMITTED) {
          committed++;
          float[] after = model(store, round.model());
          int survivors = report.get("survivors").asInt();
          Set<Integer> found = survivors(at, number, before, after, survivors);
          assertThat(found).as(at).hasSize(survivors).isSubsetOf(cohort);
          for (int client : cohort) {
            if (found.contains(client)) {
              assertThat(contributed.get(client)).as(at + ": client " + client).contains(number);
            } else {
              assertThat(acknowledged.test(client, number))
                  .as(at + ": client %d was told that its input is there", client)
                  .isFalse();
            }
          }
          before = after;
        } else {
          assertThat(round.state()).as(at).isEqualTo(RoundRecord.State.ABORTED);
        }
      }
      int most = job.cohort().participations();
      assertThat(participations.values()).as(as).allSatisfy(n -> assertThat(n <= most).isTrue());
      for (Set<Integer> rounded : contributed) {
        assertThat(rounded.size()).as(as).isLessThanOrEqualTo(most);
      }
      ledger(store, task, committed);
      store.auditLog().verify(null);
      blobs(store, named);
      try (Stream<Path> left = Files.walk(folder.resolve("store/spool"))) {
        assertThat(left.filter(Files::isRegularFile)).as(as + "\nuploads that stay").isEmpty();
      } catch (NoSuchFileException e) {
        // There was none.
      }
      return committed;
    }
  }

  private static int outcomes(JsonNode report) {
    int sum = report.get("survivors").asInt();
    for (JsonNode count : report.get("dropped")) {
      sum += count.asInt();
    }
    return sum;
  }

  /** The model moved by the mean of exactly the survivors' updates of this round. */
  private Set<Integer> survivors(
      String at, int round, float[] before, float[] after, int survivors) {
    boolean noise = !job.privacy().none();
    double of = noise ? ChaosJob.COHORT : survivors;
    double tolerance = noise ? 0.4 : 0.02;
    double value = ChaosJob.value(round);
    Set<Integer> found = new HashSet<>();
    for (int i = 0; i < before.length; i++) {
      double sum = (after[i] - before[i]) * of;
      double nearest = sum > value / 2 ? value : 0;
      assertThat(Math.abs(sum - nearest))
          .as("%s%ncoordinate %d moved by %s", at, i, sum)
          .isLessThan(tolerance);
      if (nearest > 0) {
        found.add(i);
      }
    }
    return found;
  }

  private void ledger(Store store, TaskStore task, int committed) {
    LedgerHistory ledger = store.ledger(job.privacy().population());
    assertThat(ledger.curve()).as(as).hasSize(committed);
    assertThat(ledger.open()).as(as).isZero();
    double released = task.spent().released().epsilon();
    assertThat(released > 0).as(as).isEqualTo(committed > 0);
    assertThat(task.spent().coordinatorView().epsilon() >= released - 1e-9).as(as).isTrue();
  }

  /** Every blob has the bytes of its name and a row that names it, and every row has its blob. */
  private void blobs(Store store, Set<String> named) throws IOException {
    named.remove(null);
    for (String digest : named) {
      assertThat(store.blobs().read(digest)).as(as).isNotNull();
    }
    try (Stream<Path> files = Files.walk(folder.resolve("store/blobs"))) {
      List<String> there =
          files
              .filter(Files::isRegularFile)
              .map(file -> file.getParent().getFileName() + file.getFileName().toString())
              .toList();
      assertThat(there).as(as).hasSameElementsAs(named);
    }
  }

  /**
   * By client the rounds that its own ledger holds; none twice, and one answer for each session.
   */
  private List<Set<Integer>> contributed() throws IOException {
    List<Set<Integer>> all = new ArrayList<>();
    String coordinator;
    try (Identity identity = Identity.load(folder.resolve("store/coordinator-key.pem"))) {
      coordinator = HexFormat.of().formatHex(identity.publicKey());
    }
    for (int client = 0; client < keys.size(); client++) {
      Path state = ChaosJob.state(folder, client);
      try (FileClientJournal journal = FileClientJournal.open(state)) {
        List<Integer> rounds =
            journal.participations(coordinator).stream().map(Participation::round).toList();
        assertThat(rounds).as(as + "\nledger of client " + client).doesNotHaveDuplicates();
        all.add(new HashSet<>(rounds));
      }
      Path signed = state.resolve("survivors.log");
      if (Files.exists(signed)) {
        List<String> sessions =
            Files.readAllLines(signed).stream().map(line -> line.split(" ")[0]).toList();
        assertThat(sessions).as(as + "\nanswers of client " + client).doesNotHaveDuplicates();
      }
    }
    return all;
  }

  private List<Integer> cohort(TaskStore task, RoundRecord round) {
    List<Member> members = task.population();
    Map<ByteString, Integer> numbers = new HashMap<>();
    for (int client = 0; client < keys.size(); client++) {
      numbers.put(ByteString.copyFrom(keys.get(client)), client);
    }
    return round.cohort().stream()
        .map(index -> numbers.get(members.get(index).identity()))
        .toList();
  }

  private static float[] model(Store store, String digest) {
    return ModelFile.parse(store.blobs().read(digest)).parameters();
  }
}
