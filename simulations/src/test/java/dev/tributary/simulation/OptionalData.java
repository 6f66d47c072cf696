package dev.tributary.simulation;

import dev.tributary.nn.data.Csv;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.data.Idx;
import dev.tributary.nn.data.Tokeniser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Data that does not come with the project, from the folder that {@code -Dtributary.data} names. A
 * test that needs it is left out where it is not there.
 */
final class OptionalData {
  static final String PROPERTY = "tributary.data";

  private OptionalData() {}

  /** What is learned from, and what answers are measured on. */
  record Split(Dataset train, Dataset test) {}

  /** Where the file is; empty if the folder was not named or lacks it. */
  static Optional<Path> file(String name) {
    return Optional.ofNullable(System.getProperty(PROPERTY))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isRegularFile);
  }

  /** Windows of tinyshakespeare. */
  static Split shakespeare(int length) {
    return characters(file("tinyshakespeare.txt").orElseThrow(), length);
  }

  /** Windows of a text without overlap; its last tenth is for measuring. */
  static Split characters(Path file, int length) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Tokeniser characters = Tokeniser.characters(text);
    int cut = text.length() / 10 * 9;
    return new Split(
        windows(characters, text.substring(0, cut), length),
        windows(characters, text.substring(cut), length));
  }

  private static Dataset windows(Tokeniser characters, String text, int length) {
    return Dataset.tokens(characters.encode(text), characters.size(), length, length);
  }

  /**
   * Handwriting of 520 writers, ink 1 on a ground of 0; of each writer a tenth, rounded, at least
   * one picture, drawn from a seed, is for measuring.
   */
  static Split femnist() {
    Dataset pictures =
        inverted(
            Idx.read(
                file("femnist520-images-idx3-ubyte.gz").orElseThrow(),
                file("femnist520-labels-idx1-ubyte.gz").orElseThrow()));
    Dataset writers =
        Csv.read(file("femnist520-writers.csv").orElseThrow())
            .drop("writer")
            .target("count")
            .dataset();
    Random random = new Random(1);
    List<Integer> train = new ArrayList<>();
    List<Integer> test = new ArrayList<>();
    float[] firstIndex = new float[1];
    for (int writer = 0; writer < writers.size(); writer++) {
      writers.features(writer, firstIndex, 0);
      int first = (int) firstIndex[0];
      int count = (int) writers.target(writer);
      List<Integer> rows = new ArrayList<>(IntStream.range(first, first + count).boxed().toList());
      Collections.shuffle(rows, random);
      int held = Math.max(1, Math.round(count / 10f));
      test.addAll(rows.subList(0, held));
      train.addAll(rows.subList(held, count));
    }
    return new Split(subset(pictures, train), subset(pictures, test));
  }

  private static Dataset subset(Dataset data, List<Integer> rows) {
    return data.subset(rows.stream().mapToInt(Integer::intValue).toArray());
  }

  private static Dataset inverted(Dataset data) {
    int width = data.featureLength();
    float[] features = new float[data.size() * width];
    int[] labels = new int[data.size()];
    for (int row = 0; row < labels.length; row++) {
      data.features(row, features, row * width);
      labels[row] = data.label(row);
    }
    for (int i = 0; i < features.length; i++) {
      features[i] = 1 - features[i];
    }
    return Dataset.of(data.featureShape(), data.classes(), features, labels);
  }
}
