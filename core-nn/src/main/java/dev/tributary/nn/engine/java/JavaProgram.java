package dev.tributary.nn.engine.java;

import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.engine.Batch;
import dev.tributary.nn.engine.EngineException;
import dev.tributary.nn.engine.Mode;
import dev.tributary.nn.engine.OutputLoss;
import dev.tributary.nn.engine.Program;
import java.util.Arrays;
import java.util.Optional;

/** Forward, loss, backward over heap arrays that are allocated once. */
final class JavaProgram implements Program {
  private final ModelSpec model;
  private final int batchSize;
  private final OutputLoss loss;
  private final Stage[] stages;
  private final Tensor features;
  private final Tensor output;
  private final Step step = new Step();
  private final double clipNorm;
  private final double[] norms;
  private boolean closed;

  JavaProgram(Kernels kernels, ModelSpec model, int batchSize, Mode mode) {
    long needed = bytes(kernels, model, batchSize, mode);
    long limit = Runtime.getRuntime().maxMemory();
    if (needed > limit) {
      throw new EngineException(
          "batches of "
              + batchSize
              + " need "
              + (needed >> 20)
              + " MiB for this model, the heap has at most "
              + (limit >> 20)
              + ": lower batchSize or start with a larger -Xmx");
    }
    this.model = model;
    this.clipNorm = mode instanceof Mode.PerExample each ? each.clipNorm() : 0;
    this.norms = new double[clipNorm == 0 ? 0 : batchSize];
    this.batchSize = batchSize;
    this.loss = new OutputLoss(model);
    Stages made = new Stages(kernels, new Memory(false), model, batchSize);
    this.stages = made.list().toArray(new Stage[0]);
    this.features = made.features();
    this.output = made.output();
  }

  /** Of all arrays of such a program and its kernels; refuses what cannot be compiled. */
  static long bytes(Kernels kernels, ModelSpec model, int batchSize, Mode mode) {
    if (batchSize < 1) {
      throw new EngineException("a batch has at least 1 row, not " + batchSize);
    }
    Memory memory = new Memory(true);
    Stages stages = new Stages(kernels, memory, model, batchSize);
    if (mode instanceof Mode.PerExample) {
      for (Stage stage : stages.list()) {
        Optional<String> refusal = stage.refusal();
        if (refusal.isPresent()) {
          throw new EngineException(
              stage.name + " does not allow clipping of single examples: " + refusal.get());
        }
      }
    }
    return memory.bytes() + 4 * stages.copies();
  }

  @Override
  public ModelSpec model() {
    return model;
  }

  @Override
  public int batchSize() {
    return batchSize;
  }

  @Override
  public double forward(float[] parameters, Batch batch, float[] outputs) {
    forward(parameters, outputs, batch, false);
    double lossSum = loss.apply(output.values, batch, null, 0);
    System.arraycopy(output.values, 0, outputs, 0, batch.rows() * output.width);
    return lossSum;
  }

  @Override
  public double gradient(float[] parameters, Batch batch, float[] gradient) {
    forward(parameters, gradient, batch, true);
    float[] into = output.differentiable ? output.gradient : null;
    double lossSum = loss.apply(output.values, batch, into, clipNorm == 0 ? 1f / batch.rows() : 1f);
    for (int i = stages.length - 1; i >= 0; i--) {
      if (stages[i].output.differentiable) {
        stages[i].backward(step);
        if (clipNorm == 0) {
          stages[i].parameterGradient(step);
        }
        if (stages[i].input.differentiable) {
          stages[i].inputGradient(step);
        }
      }
    }
    if (clipNorm != 0) {
      clippedGradients();
    }
    return lossSum;
  }

  /**
   * All gradients between the stages are there, each row of them linear in the gradient of its
   * loss: so norms first, then rows scaled, then the gradients of the parameters in one go.
   */
  private void clippedGradients() {
    Arrays.fill(norms, 0, step.rows, 0);
    for (Stage stage : stages) {
      if (stage.hasParameters()) {
        stage.squaredNorms(step, norms);
      }
    }
    for (Stage stage : stages) {
      if (stage.hasParameters()) {
        for (int row = 0; row < step.rows; row++) {
          double norm = Math.sqrt(norms[row]);
          if (norm > clipNorm) {
            stage.scale(step, row, (float) (clipNorm / norm));
          }
        }
        stage.parameterGradient(step);
      }
    }
  }

  /** The first layer of the last run whose output is not finite. */
  Optional<String> firstNotFinite() {
    for (Stage stage : stages) {
      for (int i = 0; i < step.rows * stage.output.width; i++) {
        if (!Float.isFinite(stage.output.values[i])) {
          return Optional.of(stage.name);
        }
      }
    }
    return Optional.empty();
  }

  private void forward(float[] parameters, float[] gradient, Batch batch, boolean training) {
    if (closed) {
      throw new IllegalStateException("the program is closed");
    }
    step.begin(parameters, gradient, batch, training);
    features.values = batch.features();
    for (Stage stage : stages) {
      stage.forward(step);
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
