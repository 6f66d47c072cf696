package dev.tributary.nn.engine.nd4j;

import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.engine.Batch;
import dev.tributary.nn.engine.OutputLoss;
import dev.tributary.nn.engine.Program;
import java.util.Arrays;
import java.util.List;

/**
 * Fixed lists of actions over arrays outside the heap. The natives always compute a full batch;
 * rows that a batch does not have are zeros in the features and in the gradient of the outputs, and
 * so add exactly nothing. The loss, which is small, is computed on the heap.
 */
final class Nd4jProgram implements Program {
  private final ModelSpec model;
  private final int batchSize;
  private final OutputLoss loss;
  private final Tape tape;
  private final FloatArray features;
  private final Flow output;
  private final Tape.Made made;
  private final float[] values;
  private final float[] valueGradients;
  private final float[] zeros;
  private int dirtyRows;
  private boolean closed;

  Nd4jProgram(ModelSpec model, int batchSize) {
    this.model = model;
    this.batchSize = batchSize;
    this.loss = new OutputLoss(model);
    this.tape = new Tape(batchSize, model.layout().size());
    this.features = tape.array(tape.inAll(model.inputs()));
    this.output = Layers.record(tape, model, features);
    Nd4jRuntime.prepareThread();
    this.made = tape.make();
    this.zeros = new float[model.inputs()];
    this.values = new float[batchSize * model.outputs()];
    this.valueGradients = new float[batchSize * model.outputs()];
  }

  /** Of all arrays of such a program, without making one. */
  static long bytes(ModelSpec model, int batchSize) {
    Tape tape = new Tape(batchSize, model.layout().size());
    Layers.record(tape, model, tape.array(tape.inAll(model.inputs())));
    return tape.bytes() + 4 * (2 * tape.inAll(model.outputs()) + model.inputs());
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
    runForward(new Pass(parameters, batch), made.evaluation());
    double lossSum = loss.apply(values, batch, null, 0);
    System.arraycopy(values, 0, outputs, 0, batch.rows() * model.outputs());
    return lossSum;
  }

  @Override
  public double gradient(float[] parameters, Batch batch, float[] gradient) {
    Pass pass = new Pass(parameters, batch);
    runForward(pass, made.training());
    double lossSum = loss.apply(values, batch, valueGradients, 1f / batch.rows());
    int used = batch.rows() * model.outputs();
    Arrays.fill(valueGradients, used, valueGradients.length, 0f);
    if (output.differentiable) {
      output.gradients.put(0, valueGradients, valueGradients.length);
      run(made.backward(), pass);
    }
    tape.gradients.get(gradient, gradient.length);
    return lossSum;
  }

  private void runForward(Pass pass, List<Action> actions) {
    if (closed) {
      throw new IllegalStateException("the program is closed");
    }
    Nd4jRuntime.prepareThread();
    int rows = pass.batch().rows();
    int inputs = model.inputs();
    tape.parameters.put(0, pass.parameters(), pass.parameters().length);
    features.put(0, pass.batch().features(), rows * inputs);
    for (int row = rows; row < dirtyRows; row++) {
      features.put(row * inputs, zeros, inputs);
    }
    dirtyRows = rows;
    run(actions, pass);
    output.values.get(values, rows * model.outputs());
  }

  private static void run(List<Action> actions, Pass pass) {
    for (int i = 0; i < actions.size(); i++) {
      actions.get(i).run(pass);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      tape.close();
    }
  }
}
