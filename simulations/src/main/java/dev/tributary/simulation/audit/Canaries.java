package dev.tributary.simulation.audit;

import dev.tributary.client.Refusal;
import dev.tributary.client.Trainer;
import dev.tributary.client.TrainingRequest;
import dev.tributary.coordinator.job.Job;
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
import org.jspecify.annotations.Nullable;

/**
 * Clients that do not train. A fair coin of its own decides, once for the whole run, what a canary
 * sends: heads its signal in every round, tails zero (under {@link Relation#REPLACE_ONE} the
 * signal's opposite), and the noise share in both. The signal has the length of the clip norm and
 * lies on one coordinate with a random sign ("Dirac canary", Nasr et al. 2023, arXiv 2302.07956);
 * those of different canaries are orthogonal while there are no more of them than coordinates.
 *
 * <p>A canary's score is the sum over its rounds of the released sum's projection on its signal, in
 * clip norms, less the middle between the two cases. Where cohorts are secret, because the claim
 * counts on that, it is the sum over all rounds. Where the clip norm adapts, the signal is as long
 * as the round's plan says. The jobs it watches release the mean itself: their server applies plain
 * SGD of rate 1, so that the sum is the cohort's size times what the model moved.
 */
final class Canaries implements Probe {
  private final int cohort;
  private final double clipNorm;
  private final boolean adaptive;
  private final double middle;
  private final boolean opposite;
  private final boolean secretCohorts;
  private final Map<Integer, Double> clipNorms = new ConcurrentHashMap<>();
  private final Map<Integer, Canary> canaries = new ConcurrentHashMap<>();
  private final Map<Integer, float[]> before = new ConcurrentHashMap<>();
  private final Map<Integer, Queue<Canary>> asked = new ConcurrentHashMap<>();
  private float @Nullable [] last;

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
   */
  Canaries(Seed seed, Job job, int clients, int count) {
    Job.Privacy privacy = job.privacy();
    this.cohort = job.cohort().size();
    this.clipNorm = privacy.clipNorm();
    this.adaptive = privacy.adaptiveClip() != null;
    this.opposite = privacy.relation() == Relation.REPLACE_ONE;
    this.secretCohorts = job.sampled();
    this.middle = opposite ? 0 : secretCohorts ? 0.5 * cohort / clients : 0.5;
    int length = job.model().trainable().size();
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
        if (adaptive) {
          clipNorms.put(plan.round(), plan.pipeline().clipNorm());
        }
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
    float signal = signal(round);
    if (canary.included || opposite) {
      update[canary.coordinate] = canary.sign * (canary.included ? signal : -signal);
    }
    return update;
  }

  private float signal(int round) {
    return (float) (double) clipNorms.getOrDefault(round, clipNorm);
  }

  @Override
  public void released(int round, Supplier<ModelFile> model) {
    Queue<Canary> members = asked.remove(round);
    float[] start = before.remove(round);
    if (secretCohorts) {
      float[] end = trainable(model.get());
      score(canaries.values(), start == null ? last : start, end, signal(round));
      last = end;
    } else if (members != null) {
      score(members, start, trainable(model.get()), signal(round));
    }
  }

  private void score(Iterable<Canary> seen, float @Nullable [] start, float[] end, float signal) {
    if (start == null) {
      return; // no canary was in any round so far
    }
    for (Canary canary : seen) {
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
