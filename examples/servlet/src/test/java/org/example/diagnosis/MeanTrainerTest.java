package org.example.diagnosis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.tributary.client.TrainingRequest;
import dev.tributary.nn.Activation;
import dev.tributary.nn.Loss;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.ModelSpec;
import dev.tributary.plan.TrainingTask;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeanTrainerTest {
  @TempDir Path home;

  @Test
  void update_movesTheModelToTheMeans_andLeavesDaysWithoutVisits() throws Exception {
    ModelSpec spec =
        ModelSpec.builder(1).dense(2, Activation.LINEAR).loss(Loss.SQUARED_ERROR).build();
    ModelFile model = ModelFile.of(spec, new float[] {1, 2, 3, 4});
    TrainingTask task =
        new TrainingTask(
            1, 1, "sgd", new TreeMap<>(), "sgd", new TreeMap<>(Map.of("learningRate", 1.0)));
    Path visits = Files.writeString(home.resolve("visits.txt"), "0 10\n2 1\n0 20\n");

    float[] update =
        new MeanTrainer(visits).train(new TrainingRequest("visits", 0, model, task, 1));

    assertArrayEquals(new float[] {14, 0, -2, 0}, update);
  }
}
