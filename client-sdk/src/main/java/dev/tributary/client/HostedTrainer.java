package dev.tributary.client;

import dev.tributary.plan.Plan;
import dev.tributary.privacy.Charge;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** The app's trainer, at the app's pace, with what it did noted. */
final class HostedTrainer implements Trainer {
  private final Trainer own;
  private final Function<TrainingRequest, Pace> pace;
  private final BiConsumer<TrainingRequest, float[]> trained;
  private final AtomicLong nanos = new AtomicLong();

  /**
   * A trainer in its place.
   *
   * @param trained told of each update before anything is made of it
   */
  HostedTrainer(
      Trainer own,
      Function<TrainingRequest, Pace> pace,
      BiConsumer<TrainingRequest, float[]> trained) {
    this.own = own;
    this.pace = pace;
    this.trained = trained;
  }

  /** Time in the trainer so far, over all rounds. */
  long nanos() {
    return nanos.get();
  }

  @Override
  public Optional<Refusal> check(Plan plan) {
    return own.check(plan);
  }

  @Override
  public Optional<Charge> exampleCharge(Plan plan) {
    return own.exampleCharge(plan);
  }

  @Override
  public OptionalDouble accuracy(TrainingRequest request) throws Exception {
    long begin = System.nanoTime();
    try {
      return own.accuracy(request);
    } finally {
      nanos.addAndGet(System.nanoTime() - begin);
    }
  }

  @Override
  public float[] train(TrainingRequest request) throws Exception {
    return trained(request).update();
  }

  @Override
  public Trained trained(TrainingRequest request) throws Exception {
    long begin = System.nanoTime();
    try {
      Trained made = own.trained(request.at(pace.apply(request)));
      trained.accept(request, made.update());
      return made;
    } finally {
      nanos.addAndGet(System.nanoTime() - begin);
    }
  }
}
