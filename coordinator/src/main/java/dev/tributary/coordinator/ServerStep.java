package dev.tributary.coordinator;

import dev.tributary.coordinator.store.Blobs;
import dev.tributary.coordinator.store.Draft;
import dev.tributary.coordinator.store.VectorFile;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.Trainable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * One step of a strategy from the files of a model and of its state to drafts of the next ones: a
 * block of parameters at a time where the strategy moves each by itself, else all at once.
 */
final class ServerStep implements AutoCloseable {
  /** Parameters of a block. */
  static final int BLOCK = 1 << 16;

  private final IntFunction<Strategy> strategies;
  private final Trainable part;
  private final int block;
  private final int vectors;
  private final Draft modelDraft;
  private final Draft stateDraft;
  private final FileChannel modelFile;
  private final VectorFile model;
  private final VectorFile nextModel;
  private final @Nullable FileChannel stateFile;
  private final @Nullable VectorFile state;

  /**
   * A step that has not begun.
   *
   * @param strategies a strategy before its first round for so many parameters
   */
  ServerStep(
      ModelUpdate.Base base, IntFunction<Strategy> strategies, Draft modelDraft, Draft stateDraft)
      throws IOException {
    this.strategies = strategies;
    this.modelDraft = modelDraft;
    this.stateDraft = stateDraft;
    ModelSpec spec = base.spec();
    part = spec.trainable();
    boolean elementwise = strategies.apply(1).elementwise();
    block = elementwise ? Math.min(BLOCK, part.size()) : part.size();
    vectors = elementwise ? vectors(strategies) : 0;
    Blobs blobs = base.store().blobs();
    byte[] header = ModelFile.header(spec);
    Path modelPath = blobs.checked(base.model());
    Path statePath = base.state() == null ? null : blobs.checked(base.state());
    modelFile = FileChannel.open(modelPath, StandardOpenOption.READ);
    stateFile = statePath == null ? null : FileChannel.open(statePath, StandardOpenOption.READ);
    model = new VectorFile(modelFile, header.length, spec.layout().size());
    state = stateFile == null ? null : new VectorFile(stateFile, 0, stateFile.size() / Float.BYTES);
    nextModel = modelDraft.vector(header.length, spec.layout().size());
    modelDraft.write(0, header);
    if (!part.isAll()) {
      copy();
    }
  }

  private static int vectors(IntFunction<Strategy> strategies) {
    return strategies.apply(2).state().length - strategies.apply(1).state().length;
  }

  /** Bytes of the state of an elementwise strategy. */
  static long stateBytes(IntFunction<Strategy> strategies, int parameters) {
    int vectors = vectors(strategies);
    int others = strategies.apply(1).state().length - vectors;
    return Float.BYTES * ((long) vectors * parameters + others);
  }

  /** What is frozen stays. */
  private void copy() {
    float[] values = new float[(int) Math.min(BLOCK, model.length())];
    for (long from = 0; from < model.length(); from += values.length) {
      int count = (int) Math.min(values.length, model.length() - from);
      model.read(from, values, 0, count);
      modelDraft.write(nextModel, from, values, 0, count);
    }
  }

  /** The means of what clients sent. */
  @FunctionalInterface
  interface Means {
    /** Of elements [from, from + count). */
    float[] of(int from, int count);
  }

  /**
   * Moves all parameters.
   *
   * @param update in the order of an update
   * @param control of the changes of the clients' control variates; null where none are sent
   */
  void run(int round, Means update, @Nullable Means control) {
    for (int from = 0; from < part.size(); from += block) {
      int count = Math.min(block, part.size() - from);
      Strategy strategy = strategies.apply(count);
      restore(strategy, from, count);
      float[] parameters = new float[count];
      int first = from;
      part.locate(
          from,
          from + count,
          (at, offset, length) -> model.read(offset, parameters, at - first, length));
      strategy.apply(round, parameters, update.of(from, count), 0, count);
      if (control != null) {
        strategy.control(control.of(from, count), 0, count);
      }
      strategy.endRound();
      part.locate(
          from,
          from + count,
          (at, offset, length) ->
              modelDraft.write(nextModel, offset, parameters, at - first, length));
      keep(strategy.state(), from, count);
    }
  }

  private void restore(Strategy strategy, int from, int count) {
    if (state == null) {
      return;
    }
    long others = (long) vectors * part.size();
    float[] before = new float[Math.toIntExact(vectors * (long) count + state.length() - others)];
    for (int v = 0; v < vectors; v++) {
      state.read((long) v * part.size() + from, before, v * count, count);
    }
    state.read(others, before, vectors * count, before.length - vectors * count);
    strategy.restore(before);
  }

  private void keep(float[] after, int from, int count) {
    int others = after.length - vectors * count;
    VectorFile next = stateDraft.vector(0, (long) vectors * part.size() + others);
    for (int v = 0; v < vectors; v++) {
      stateDraft.write(next, (long) v * part.size() + from, after, v * count, count);
    }
    stateDraft.write(next, (long) vectors * part.size(), after, vectors * count, others);
  }

  @Override
  public void close() throws IOException {
    modelFile.close();
    if (stateFile != null) {
      stateFile.close();
    }
  }
}
