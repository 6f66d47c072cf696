package dev.tributary.nn.engine.java;

import dev.tributary.nn.Layer;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.engine.Batch;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.Mode;
import dev.tributary.nn.engine.Program;
import dev.tributary.nn.engine.ProgramPool;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The engine on heap arrays, always there. Same seed, same bits: with and without the Vector API,
 * whatever its width, interpreted or compiled, on every processor.
 */
public final class JavaEngine implements Engine {
  /** Up to these numbers of parameters native code was not faster (docs/benchmarks.md). */
  private static final int SMALL_FOR_VECTORS = 1_750_000;

  private static final int SMALL_FOR_PLAIN_LOOPS = 1 << 11;

  /** From these multiplications of convolutions for an example on, native code was faster. */
  private static final long MANY_IN_CONVOLUTIONS = 3_000_000;

  private final Supplier<Kernels> kernels;
  private final ProgramPool pool = new ProgramPool(4 * Runtime.getRuntime().availableProcessors());

  /** With the Vector API if the JVM was started with {@code --add-modules jdk.incubator.vector}. */
  public JavaEngine() {
    this(VectorModule.kernels());
  }

  /** With kernels of the kind given; each program gets its own. */
  public JavaEngine(Supplier<Kernels> kernels) {
    this.kernels = kernels;
  }

  @Override
  public String name() {
    return "java";
  }

  /** What its loops run on: {@code plain}, or the width of the vectors. */
  public String loops() {
    return kernels.get().name();
  }

  @Override
  public boolean suits(ModelSpec model) {
    int size = model.layout().size();
    return kernels.get() instanceof PlainKernels
        ? size <= SMALL_FOR_PLAIN_LOOPS
        : size <= SMALL_FOR_VECTORS
            && inConvolutions(model.layers(), model.inputShape()) < MANY_IN_CONVOLUTIONS;
  }

  /** Multiplications of the convolutions for one example, forward. */
  private static long inConvolutions(List<Layer> layers, int[] input) {
    long count = 0;
    int[] shape = input;
    for (Layer layer : layers) {
      if (layer instanceof Layer.Conv2d || layer instanceof Layer.Conv2dTranspose) {
        int[] pictures = layer instanceof Layer.Conv2d ? layer.outputShape(shape) : shape;
        long weights = 1;
        for (int dimension : layer.weights(shape).get(0).shape()) {
          weights *= dimension;
        }
        count += weights * pictures[0] * pictures[1];
      } else if (layer instanceof Layer.Residual residual) {
        count += inConvolutions(residual.layers(), shape);
        count += inConvolutions(residual.shortcut(), shape);
      }
      shape = layer.outputShape(shape);
    }
    return count;
  }

  @Override
  public Program compile(ModelSpec model, int batchSize, Mode mode) {
    return new JavaProgram(kernels.get(), model, batchSize, mode);
  }

  @Override
  public long bytes(ModelSpec model, int batchSize, Mode mode) {
    return JavaProgram.bytes(kernels.get(), model, batchSize, mode);
  }

  /**
   * Where numbers run out of range: {@code the parameters}, {@code the features}, or the name of
   * the first layer whose output is not finite; empty if none.
   */
  public Optional<String> firstNotFinite(ModelSpec model, float[] parameters, Batch batch) {
    for (float value : parameters) {
      if (!Float.isFinite(value)) {
        return Optional.of("the parameters");
      }
    }
    for (int i = 0; i < batch.rows() * model.inputs(); i++) {
      if (!Float.isFinite(batch.features()[i])) {
        return Optional.of("the features");
      }
    }
    try (JavaProgram program =
        new JavaProgram(kernels.get(), model, batch.rows(), Mode.wholeBatch())) {
      program.forward(parameters, batch, new float[batch.rows() * model.outputs()]);
      return program.firstNotFinite();
    }
  }

  @Override
  public Program acquire(ModelSpec model, int batchSize, Mode mode) {
    return pool.acquire(this, model, batchSize, mode);
  }
}
