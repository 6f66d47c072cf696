package dev.tributary.client;

import dev.tributary.nn.Evaluation;
import dev.tributary.nn.LocalMethod;
import dev.tributary.nn.LocalTraining;
import dev.tributary.nn.OptimizerSpec;
import dev.tributary.nn.Schedule;
import dev.tributary.nn.TrainingConfig;
import dev.tributary.nn.TrainingConfigException;
import dev.tributary.nn.TrainingListener;
import dev.tributary.nn.TrainingOptions;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.Engines;
import dev.tributary.plan.ExamplePrivacy;
import dev.tributary.plan.Plan;
import dev.tributary.plan.Segments;
import dev.tributary.plan.TrainingTask;
import dev.tributary.privacy.Charge;
import dev.tributary.privacy.Guarantee;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** The default trainer: the training loop of core-nn over one data set. */
public final class NnTrainer implements Trainer {
  private final @Nullable Engine engine;
  private final Dataset data;
  private final @Nullable Dataset heldOut;
  private final long memory;

  private NnTrainer(@Nullable Engine engine, Dataset data, @Nullable Dataset heldOut, long memory) {
    this.engine = engine;
    this.data = Objects.requireNonNull(data, "data");
    this.heldOut = heldOut;
    this.memory = memory;
  }

  /** Trains with the fastest engine on the class path. */
  public static NnTrainer over(Dataset data) {
    return new NnTrainer(null, data, null, Runtime.getRuntime().maxMemory());
  }

  /** Trains with this engine. */
  public static NnTrainer over(Dataset data, Engine engine) {
    return new NnTrainer(engine, data, null, Runtime.getRuntime().maxMemory());
  }

  /** The same with at most this much memory beside the data and the model it starts from. */
  public NnTrainer memoryLimit(long bytes) {
    return new NnTrainer(engine, data, heldOut, bytes);
  }

  /** The same with rows to evaluate models on where a job asks for that; none is trained on. */
  public NnTrainer heldOut(Dataset rows) {
    return new NnTrainer(engine, data, Objects.requireNonNull(rows, "rows"), memory);
  }

  private static TrainingListener steps(Pace pace) {
    return new TrainingListener() {
      @Override
      public void stepped(int step, long steps, double meanLoss) {
        try {
          pace.step((double) step / steps);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt(); // ends the training before its next step
        }
      }
    };
  }

  @Override
  public float[] train(TrainingRequest request) {
    return local(request).update();
  }

  @Override
  public Trained trained(TrainingRequest request) {
    LocalTraining.Result made = local(request);
    TrainingConfig config = config(request.training());
    double steps = config.addsUp() ? config.effectiveSteps(made.steps()) : 0;
    return new Trained(made.update(), made.examples(), steps, made.kept());
  }

  @Override
  public OptionalDouble accuracy(TrainingRequest request) {
    return heldOut == null || heldOut.size() == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(
            Evaluation.evaluate(engine(request), request.local().in(request.model()), heldOut)
                .accuracy());
  }

  private Engine engine(TrainingRequest request) {
    return engine == null ? Engines.best(request.model().spec()) : engine;
  }

  private LocalTraining.Result local(TrainingRequest request) {
    TrainingConfig config = config(request.training());
    TrainingOptions paced =
        TrainingOptions.standard()
            .listener(steps(request.pace()))
            .memoryLimit(memory)
            .controlVariate(request.controlVariate())
            .keep(request.local());
    TrainingOptions options =
        request
            .training()
            .examplePrivacy()
            .map(terms -> paced.examples(new ExampleNoise(terms, request.noise())))
            .orElse(paced);
    return LocalTraining.train(
        engine(request), request.model(), data, config, request.seed(), options);
  }

  /**
   * A name or a setting that core-nn does not know is refused with its words, and so is a plan that
   * promises more for single examples than its noise keeps over this data.
   */
  @Override
  public Optional<Refusal> check(Plan plan) {
    try {
      TrainingConfig config = config(plan.training());
      if (plan.asksFor(Segments.CONTROL) || plan.asksFor(Segments.STEPS)) {
        config.effectiveSteps(1);
      }
    } catch (TrainingConfigException e) {
      return Optional.of(new Refusal("training-unknown", String.valueOf(e.getMessage())));
    }
    return plan.training().examplePrivacy().flatMap(terms -> check(plan, terms));
  }

  private Optional<Refusal> check(Plan plan, ExamplePrivacy terms) {
    int length = plan.updateLength();
    int rounds = plan.privacy().participations();
    double cost =
        data.size() == 0
            ? 0
            : ExampleGuarantee.of(plan.training(), data.size(), length, rounds)
                .map(Guarantee::epsilon)
                .orElse(0.0);
    return cost <= terms.epsilon()
        ? Optional.empty()
        : Optional.of(
            new Refusal(
                "example-epsilon-understated",
                String.format(
                    Locale.ROOT,
                    "The plan says epsilon %.4g for an example, but %d rounds of it over this"
                        + " client's data cost more.",
                    terms.epsilon(),
                    rounds)));
  }

  @Override
  public Optional<Charge> exampleCharge(Plan plan) {
    return data.size() == 0
        ? Optional.empty()
        : ExampleGuarantee.charge(plan.training(), data.size(), plan.updateLength(), 1);
  }

  private static TrainingConfig config(TrainingTask task) {
    return new TrainingConfig(
        task.localEpochs(),
        task.batchSize(),
        new OptimizerSpec(task.optimizer(), task.optimizerParameters()),
        LocalMethod.byName(task.method(), task.methodParameters()),
        Schedule.byName(task.schedule(), task.scheduleParameters()),
        task.gradientClip() == 0 ? Double.POSITIVE_INFINITY : task.gradientClip());
  }
}
