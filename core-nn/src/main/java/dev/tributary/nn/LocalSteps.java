package dev.tributary.nn;

import dev.tributary.nn.engine.Batch;
import dev.tributary.nn.engine.Program;
import java.util.List;
import java.util.Optional;

/** The model of one local training, moved step by step by gradients. */
final class LocalSteps {
  private final float[] start;
  private final TrainingConfig config;
  private final float[] controlVariate;

  /** What travels. */
  private final Trainable part;

  /** What stays here. */
  private final Optional<Trainable> kept;

  /** Both. */
  private final Trainable moving;

  private final List<Layout.Tensor> statistics;
  private final List<int[]> runs;
  private final Optimizer optimizer;
  private final float[] parameters;
  private final float[] gradient;
  private final long total;
  private int done;

  LocalSteps(ModelFile model, TrainingConfig config, TrainingOptions options, int size) {
    ModelSpec spec = model.spec();
    this.config = config;
    this.controlVariate = options.controlVariate(spec);
    this.part = spec.trainable();
    this.kept = options.kept().of(spec);
    this.moving = kept.map(stays -> part.and(stays, spec.layout())).orElse(part);
    this.statistics =
        spec.statistics().stream().filter(tensor -> moving.has(tensor.name())).toList();
    this.runs = moving.runsWithout(statistics);
    this.parameters = model.parameters();
    if (options.kept().values().length != 0) {
      kept.ifPresent(stays -> stays.scatter(options.kept().values(), parameters));
    }
    this.start = kept.isEmpty() ? model.shared() : parameters.clone();
    this.gradient = new float[parameters.length];
    this.optimizer = config.optimizer().create(parameters.length);
    this.total = steps(config, size);
  }

  /** Of a training over so many rows. */
  static long steps(TrainingConfig config, int size) {
    return (long) config.localEpochs() * ((size - 1) / config.batchSize() + 1);
  }

  /** float32[d], the model now. */
  float[] parameters() {
    return parameters;
  }

  /** float32[d], to be filled before each step. */
  float[] gradient() {
    return gradient;
  }

  /** Steps taken. */
  int done() {
    return done;
  }

  /** Steps of the whole training. */
  long total() {
    return total;
  }

  /** One step by {@link #gradient}, which is overwritten. */
  void take() {
    follow();
    moving.keep(gradient);
    clip(gradient, config.clipNorm());
    config.method().correct(gradient, parameters, start);
    if (controlVariate.length != 0) {
      part.add(controlVariate, gradient);
    }
    double factor = config.schedule().factor(done, total);
    for (int[] run : runs) {
      optimizer.step(parameters, gradient, run[0], run[1], factor);
    }
    optimizer.endStep();
    done++;
  }

  /**
   * Compares {@link #gradient} with differences of the loss.
   *
   * @param loss the sum over the batch
   * @throws GradientCheckException if it is wrong
   */
  void check(Program program, Batch batch, double loss) {
    List<Layout.Tensor> learned =
        moving.tensors().stream()
            .filter(
                tensor -> statistics.stream().noneMatch(each -> each.offset() == tensor.offset()))
            .toList();
    GradientProbe.check(program, batch, parameters, gradient, loss, learned);
  }

  /** What stays here, as it is now. */
  float[] kept() {
    return kept.map(stays -> stays.gather(parameters)).orElseGet(() -> new float[0]);
  }

  /** What has changed of what travels. */
  float[] update() {
    float[] update = part.gather(parameters);
    float[] from = part.gather(start);
    for (int i = 0; i < update.length; i++) {
      update[i] -= from[i];
    }
    return update;
  }

  /** Moves statistics by what the batch says, and takes them out of the gradient. */
  private void follow() {
    for (Layout.Tensor tensor : statistics) {
      for (int i = tensor.offset(); i < tensor.offset() + tensor.length(); i++) {
        parameters[i] -= gradient[i];
        gradient[i] = 0f;
      }
    }
  }

  /** Scales a gradient whose L2 norm is above {@code norm} down to it. */
  private static void clip(float[] gradient, double norm) {
    if (norm == Double.POSITIVE_INFINITY) {
      return;
    }
    double square = 0;
    for (float value : gradient) {
      square += (double) value * value;
    }
    double length = Math.sqrt(square);
    if (length > norm) {
      float factor = (float) (norm / length);
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] *= factor;
      }
    }
  }
}
