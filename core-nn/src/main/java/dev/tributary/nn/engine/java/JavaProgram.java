package dev.tributary.nn.engine.java;

import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.engine.Batch;
import dev.tributary.nn.engine.EngineException;
import dev.tributary.nn.engine.OutputLoss;
import dev.tributary.nn.engine.Program;

/** Forward, loss, backward over heap arrays that are allocated once. */
final class JavaProgram implements Program {
  private final ModelSpec model;
  private final int batchSize;
  private final OutputLoss loss;
  private final Stage[] stages;
  private final Tensor features;
  private final Tensor output;
  private final Step step = new Step();
  private boolean closed;

  JavaProgram(Kernels kernels, ModelSpec model, int batchSize) {
    if (batchSize < 1) {
      throw new EngineException("a batch has at least 1 row, not " + batchSize);
    }
    new Stages(kernels, new Memory(true), model, batchSize);
    this.model = model;
    this.batchSize = batchSize;
    this.loss = new OutputLoss(model);
    Stages made = new Stages(kernels, new Memory(false), model, batchSize);
    this.stages = made.list().toArray(new Stage[0]);
    this.features = made.features();
    this.output = made.output();
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
    double lossSum = loss.apply(output.values, batch, into, 1f / batch.rows());
    for (int i = stages.length - 1; i >= 0; i--) {
      if (stages[i].output.differentiable) {
        stages[i].parameterGradient(step);
        if (stages[i].input.differentiable) {
          stages[i].inputGradient(step);
        }
      }
    }
    return lossSum;
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
