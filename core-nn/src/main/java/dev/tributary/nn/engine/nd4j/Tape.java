package dev.tributary.nn.engine.nd4j;

import dev.tributary.nn.engine.EngineException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The arrays and actions of a program, first recorded, so that their size is known without natives,
 * then made. Layers record what they do forward in order, and one block each of what they do
 * backward; blocks run from the last to the first.
 */
final class Tape {
  final int batchSize;
  final FloatArray parameters;
  final FloatArray gradients;

  private final List<FloatArray> arrays = new ArrayList<>();
  private final List<Runnable> contents = new ArrayList<>();
  private final List<Entry> forward = new ArrayList<>();
  private final List<List<Supplier<Action>>> blocks = new ArrayList<>();
  private final List<FloatArray> scratch = new ArrayList<>();
  private final FloatArray ones;
  private final List<Action> actions = new ArrayList<>();

  private long onHeap;

  private record Entry(boolean training, boolean evaluation, Supplier<Action> action) {}

  /** What a tape makes. */
  record Made(List<Action> training, List<Action> evaluation, List<Action> backward) {}

  Tape(int batchSize, int parameters) {
    if (batchSize < 1) {
      throw new EngineException("a batch has at least 1 row, not " + batchSize);
    }
    this.batchSize = batchSize;
    this.parameters = new FloatArray(parameters);
    this.gradients = new FloatArray(parameters);
    this.ones = new FloatArray(1);
    arrays.addAll(List.of(this.parameters, this.gradients, ones));
  }

  /** Numbers of an array in all rows. */
  long inAll(int width) {
    return (long) batchSize * width;
  }

  private int checked(long length) {
    if (length > Integer.MAX_VALUE / 4) {
      throw new EngineException(
          "a batch of "
              + batchSize
              + " rows needs an array of "
              + length
              + " numbers, which is too large: lower batchSize");
    }
    return (int) length;
  }

  FloatArray array(long length) {
    FloatArray array = new FloatArray(checked(length));
    arrays.add(array);
    return array;
  }

  /** An array with the same numbers at every run. */
  FloatArray constant(float... values) {
    FloatArray array = array(values.length);
    contents.add(() -> array.put(0, values, values.length));
    return array;
  }

  /** Writes into an array once, when there is memory. */
  void content(Runnable put) {
    contents.add(put);
  }

  /** Counts floats that actions will hold on the heap. */
  void onHeap(long floats) {
    onHeap += floats;
  }

  Flow flow(int[] shape, boolean differentiable) {
    long length = inAll(Flow.length(shape));
    FloatArray values = array(length);
    return new Flow(values, differentiable ? array(length) : values, shape, differentiable);
  }

  /**
   * An array that any layer may use, within the actions that it records in one go.
   *
   * @param which 0, 1, ...: as many as are in use together
   */
  FloatArray scratch(int which, long length) {
    while (scratch.size() <= which) {
      scratch.add(array(0));
    }
    scratch.get(which).reserve(checked(length));
    return scratch.get(which);
  }

  /** Says that {@link #ones} of that length will be needed. */
  void reserveOnes(long length) {
    ones.reserve(checked(length));
  }

  /** Ones: products with them are sums, ten times as fast as ND4J's reductions. */
  INDArray ones(long... shape) {
    return ones.view(0, shape);
  }

  void forward(Supplier<Action> action) {
    forward.add(new Entry(true, true, action));
  }

  /** Where a gradient will be asked for. */
  void training(Supplier<Action> action) {
    forward.add(new Entry(true, false, action));
  }

  /** Where none will. */
  void evaluation(Supplier<Action> action) {
    forward.add(new Entry(false, true, action));
  }

  /** A block of the way back. */
  void backward(List<Supplier<Action>> block) {
    blocks.add(block);
  }

  /** Of all arrays. */
  long bytes() {
    return 4 * (onHeap + arrays.stream().mapToLong(FloatArray::length).sum());
  }

  /** Takes memory and makes the actions. */
  Made make() {
    arrays.forEach(FloatArray::allocate);
    float[] one = new float[ones.length()];
    Arrays.fill(one, 1f);
    ones.put(0, one, one.length);
    contents.forEach(Runnable::run);
    Made made = new Made(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (Entry entry : forward) {
      Action action = made(entry.action());
      if (entry.training()) {
        made.training().add(action);
      }
      if (entry.evaluation()) {
        made.evaluation().add(action);
      }
    }
    for (int i = blocks.size() - 1; i >= 0; i--) {
      blocks.get(i).forEach(action -> made.backward().add(made(action)));
    }
    return made;
  }

  private Action made(Supplier<Action> action) {
    actions.add(action.get());
    return actions.get(actions.size() - 1);
  }

  void close() {
    actions.forEach(Action::close);
    arrays.forEach(FloatArray::close);
  }
}
