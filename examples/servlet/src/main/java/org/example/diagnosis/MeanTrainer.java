package org.example.diagnosis;

import dev.tributary.client.Trainer;
import dev.tributary.client.TrainingRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The application's own training, without any engine: the model is a vector of means, one number
 * for each day of the week, and a round moves it to the means of this clinic's visits.
 */
final class MeanTrainer implements Trainer {
  private final Path visits;

  /** Of a file with lines {@code day number}, day from 0. */
  MeanTrainer(Path visits) {
    this.visits = visits;
  }

  @Override
  public float[] train(TrainingRequest request) throws IOException, InterruptedException {
    float[] start = request.model().parameters();
    double[] sums = new double[request.length()];
    int[] counts = new int[request.length()];
    List<String> lines = Files.readAllLines(visits);
    for (int i = 0; i < lines.size(); i++) {
      String[] fields = lines.get(i).split(" ");
      int day = Integer.parseInt(fields[0]);
      sums[day] += Double.parseDouble(fields[1]);
      counts[day]++;
      request.pace().step((double) i / lines.size()); // the web application comes first
    }
    float[] update = new float[request.length()];
    for (int day = 0; day < update.length; day++) {
      update[day] = counts[day] == 0 ? 0 : (float) (sums[day] / counts[day] - start[day]);
    }
    return update;
  }
}
