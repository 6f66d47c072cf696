package dev.tributary.nn.engine.java;

import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.Mode;
import dev.tributary.nn.engine.Program;
import dev.tributary.nn.engine.ProgramPool;

/**
 * The engine on heap arrays, always there. Same seed, same bits: with and without the Vector API,
 * whatever its width, interpreted or compiled, on every processor.
 */
public final class JavaEngine implements Engine {
  private final Kernels kernels;
  private final ProgramPool pool = new ProgramPool(4 * Runtime.getRuntime().availableProcessors());

  /** With the Vector API if the JVM was started with {@code --add-modules jdk.incubator.vector}. */
  public JavaEngine() {
    this(VectorModule.kernels());
  }

  /** With the kernels given. */
  public JavaEngine(Kernels kernels) {
    this.kernels = kernels;
  }

  @Override
  public String name() {
    return "java";
  }

  /** What its loops run on. */
  public Kernels kernels() {
    return kernels;
  }

  @Override
  public Program compile(ModelSpec model, int batchSize, Mode mode) {
    return new JavaProgram(kernels, model, batchSize);
  }

  @Override
  public Program acquire(ModelSpec model, int batchSize, Mode mode) {
    return pool.acquire(this, model, batchSize, mode);
  }
}
