package dev.tributary.simulation.audit;

import dev.tributary.client.Refusal;
import dev.tributary.client.Trainer;
import dev.tributary.client.TrainingRequest;
import dev.tributary.nn.ModelFile;
import dev.tributary.plan.Plan;
import dev.tributary.privacy.Relation;
import dev.tributary.simulation.Probe;
import dev.tributary.wire.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

/**
 * Clients that do not train. A fair coin of its own decides, once for the whole run, what a canary
 * sends: heads its signal in every round, tails zero (under {@link Relation#REPLACE_ONE} the
 * signal's opposite), and the noise share in both. The signal has the length of the clip norm and
 * lies on one coordinate with a random sign ("Dirac canary", Nasr et al. 2023, arXiv 2302.07956);
 * those of different canaries are orthogonal while there are no more of them than coordinates.
 *
 * <p>A canary's score is the sum over its rounds of the released sum's projection on its signal, in
 * clip norms, less the middle between the two cases. The jobs it watches release the mean itself:
 * their server applies plain SGD of rate 1, so that the sum is the cohort's size times what the
 * model moved.
 */
final class Canaries implements Probe {
  private final int cohort;
  private final float signal;
  private final double middle;
  private final boolean opposite;
  private final Map<Integer, Canary> canaries = new ConcurrentHashMap<>();
  private final Map<Integer, float[]> before = new ConcurrentHashMap<>();
  private final Map<Integer, Queue<Canary>> asked = new ConcurrentHashMap<>();

  /** One canary; score and rounds are written by the training's thread alone. */
  private static final class Canary {
    final int coordinate;
    final int sign;
    final boolean included;
    double score;
    int rounds;

    Canary(int coordinate, int sign, boolean included) {
      this.coordinate = coordinate;
      this.sign = sign;
      this.included = included;
    }
  }

  /**
   * Canaries among the clients of a job.
   *
   * @param count of them, at most {@code clients}; which ones follows from the seed
   * @param length d of the updates
   * @param cohort members of a round
   */
  Canaries(
      Seed seed,
      int clients,
      int count,
      int length,
      int cohort,
      double clipNorm,
      Relation relation) {
    this.cohort = cohort;
    this.signal = (float) clipNorm;
    this.opposite = relation == Relation.REPLACE_ONE;
    this.middle = opposite ? 0 : 0.5;
    int[] who = permutation(clients, seed.derive("who"));
    int[] where = permutation(length, seed.derive("where"));
    SplittableRandom coins = new SplittableRandom(seed.derive("coins").toLong());
    for (int i = 0; i < count; i++) {
      int sign = coins.nextBoolean() ? 1 : -1;
      canaries.put(who[i], new Canary(where[i % length], sign, coins.nextBoolean()));
    }
  }

  private static int[] permutation(int n, Seed seed) {
    SplittableRandom random = new SplittableRandom(seed.toLong());
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  @Override
  public Trainer trainer(int client, Trainer own) {
    Canary canary = canaries.get(client);
    if (canary == null) {
      return own;
    }
    return new Trainer() {
      /** A canary takes whatever plan: it has no examples that could be hidden. */
      @Override
      public Optional<Refusal> check(Plan plan) {
        return Optional.empty();
      }

      @Override
      public float[] train(TrainingRequest request) {
        return update(canary, request);
      }
    };
  }

  private float[] update(Canary canary, TrainingRequest request) {
    int round = request.round();
    before.computeIfAbsent(round, first -> trainable(request.model()));
    asked.computeIfAbsent(round, first -> new ConcurrentLinkedQueue<>()).add(canary);
    float[] update = new float[request.length()];
    if (canary.included || opposite) {
      update[canary.coordinate] = canary.sign * (canary.included ? signal : -signal);
    }
    return update;
  }

  @Override
  public void released(int round, Supplier<ModelFile> model) {
    Queue<Canary> members = asked.remove(round);
    float[] start = before.remove(round);
    if (members == null || start == null) {
      return;
    }
    float[] end = trainable(model.get());
    for (Canary canary : members) {
      double moved = (double) end[canary.coordinate] - start[canary.coordinate];
      canary.score += moved * cohort * canary.sign / signal - middle;
      canary.rounds++;
    }
  }

  private static float[] trainable(ModelFile model) {
    return model.spec().trainable().gather(model.parameters());
  }

  /** What is known of one canary at the end. */
  record Score(double value, boolean included) {}

  /**
   * The scores of those that were in a round which released something, by client. Who is in which
   * round does not depend on the coins.
   */
  List<Score> scores() {
    List<Score> scores = new ArrayList<>();
    canaries.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(Map.Entry::getValue)
        .filter(canary -> canary.rounds > 0)
        .forEach(canary -> scores.add(new Score(canary.score, canary.included)));
    return scores;
  }
}
