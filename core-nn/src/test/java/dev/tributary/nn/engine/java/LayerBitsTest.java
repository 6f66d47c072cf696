package dev.tributary.nn.engine.java;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.nn.LayerModels;
import dev.tributary.nn.LocalMethod;
import dev.tributary.nn.LocalTraining;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.OptimizerSpec;
import dev.tributary.nn.Samples;
import dev.tributary.nn.TrainingConfig;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Engine;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Every layer trained by the java engine: one digest for all machines, JVMs and threads. */
public final class LayerBitsTest {
  static final String DIGEST = "893ed17d29d495fbe0b304e03b8fbcb856aaaaedf2f037f966bbf56670cd25dc";

  /** Prints the digest, for JVMs with other flags. */
  public static void main(String[] arguments) throws Exception {
    System.out.println(System.getProperty("java.version") + " " + digest(new JavaEngine(), 2));
  }

  @Test
  void train_ofEveryLayer_givesTheSameDigestEverywhere() throws Exception {
    assertThat(digest(new JavaEngine(), 1)).isEqualTo(DIGEST);
    assertThat(digest(new JavaEngine(PlainKernels::new), 1)).isEqualTo(DIGEST);
    assertThat(digest(new JavaEngine(), 4)).isEqualTo(DIGEST);
  }

  private static String digest(Engine engine, int threads) throws Exception {
    List<Callable<float[]>> trainings = new ArrayList<>();
    for (ModelSpec spec : LayerModels.all()) {
      trainings.add(() -> train(engine, spec));
    }
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      MessageDigest digest = sha256();
      for (Future<float[]> update : pool.invokeAll(trainings)) {
        for (float value : update.get()) {
          digest.update(ByteBuffer.allocate(4).putFloat(0, value));
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    } finally {
      pool.shutdown();
    }
  }

  private static float[] train(Engine engine, ModelSpec spec) {
    Dataset data = Samples.data(spec, 11, 4);
    TrainingConfig config =
        new TrainingConfig(2, 4, OptimizerSpec.adam(0.01), LocalMethod.prox(0.1));
    ModelFile start = ModelFile.of(spec, spec.initialise(6));
    return LocalTraining.train(engine, start, data, config, 5).update();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
