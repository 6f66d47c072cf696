package dev.tributary.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.coordinator.job.Job;
import dev.tributary.coordinator.store.Draft;
import dev.tributary.coordinator.store.Durability;
import dev.tributary.coordinator.store.Store;
import dev.tributary.coordinator.strategy.FedAvg;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.Optimizer;
import dev.tributary.nn.OptimizerSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Steps from file to file are those of arrays, to the bit. */
class ServerStepTest {
  @TempDir Path directory;

  @Test
  void apply_blocksOfAllParameters_areThePlainOptimizersStep() throws Exception {
    for (String name : new String[] {"sgd", "nesterov", "adam", "rmsprop", "adagrad"}) {
      check(name, "");
    }
  }

  /** What is frozen stays, on either side of what is not. */
  @Test
  void apply_partOfTheParameters_leavesTheRest() throws Exception {
    check("adam", "layers.1.weight");
    check("sgd", "*.bias");
  }

  private void check(String name, String trainable) throws Exception {
    Job job =
        Jobs.plain(
            "model={input: [4], layers: [{dense: {units: 400}}, {dense: {units: 300}},"
                + " {dense: {units: 3, activation: softmax}}],"
                + " loss: sparse_categorical_crossentropy"
                + (trainable.isEmpty() ? "" : ", trainable: [\"" + trainable + "\"]")
                + "}");
    ModelSpec spec = job.model();
    OptimizerSpec optimizer = new OptimizerSpec(name, new TreeMap<>(Map.of("learningRate", 0.1)));
    Job.ServerStrategy strategy =
        new Job.ServerStrategy("fedavg", optimizer, 1, Job.Denominator.COHORT);
    int size = spec.trainable().size();
    Optimizer plain = optimizer.create(size);
    float[] whole = spec.initialise(7);
    SplittableRandom random = new SplittableRandom(1);
    try (Store store =
        Store.open(directory.resolve(name + trainable.length()), Durability.MEMORY)) {
      String model = store.blobs().put(ModelFile.of(spec, whole).toBytes());
      String state = null;
      for (int round = 1; round <= 3; round++) {
        float[] mean = new float[size];
        float[] gradient = new float[size];
        for (int i = 0; i < size; i++) {
          mean[i] = (float) random.nextDouble(-1, 1);
          gradient[i] = -mean[i];
        }
        float[] part = spec.trainable().gather(whole);
        plain.step(part, gradient, 0, size, 1);
        plain.endStep();
        spec.trainable().scatter(part, whole);

        try (Draft nextModel = store.draft();
            Draft nextState = store.draft()) {
          ModelUpdate.Base base = new ModelUpdate.Base(store, spec, model, state);
          try (ServerStep step =
              new ServerStep(
                  base, length -> new FedAvg(strategy, 10, length), nextModel, nextState)) {
            step.run(round, (from, count) -> Arrays.copyOfRange(mean, from, from + count), null);
          }
          nextModel.seal();
          nextState.seal();
          assertThat(Files.readAllBytes(nextModel.file()))
              .as("%s, trainable %s, round %d", name, trainable, round)
              .isEqualTo(ModelFile.of(spec, whole).toBytes());
          assertThat(nextModel.digest()).isEqualTo(ModelFile.of(spec, whole).digest());
          assertThat(Files.readAllBytes(nextState.file())).isEqualTo(bytes(plain.state()));
          model = store.blobs().put(nextModel);
          state = store.blobs().put(nextState);
        }
      }
    }
  }

  private static byte[] bytes(float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes.array();
  }
}
