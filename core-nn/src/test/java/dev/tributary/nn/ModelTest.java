package dev.tributary.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.EngineException;
import dev.tributary.nn.engine.Engines;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ModelTest {

  /** Eight threads ask about data of their own, many at once; each must hear its own answers. */
  @ParameterizedTest
  @ValueSource(strings = {"java", "nd4j"})
  void predict_fromManyThreads_givesEachItsAnswers(String engine) throws Exception {
    ModelSpec spec = Models.mlp(12, 20, 5);
    Model model = Model.of(ModelFile.of(spec, Models.values(spec, 1)), Engines.byName(engine));
    List<Dataset> questions = new ArrayList<>();
    List<float[]> answers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      questions.add(Models.noise(spec, 100 + 50 * i, i));
      answers.add(model.predict(questions.get(i)).outputs());
    }
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<float[]>> calls = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        Dataset question = questions.get(i % 8);
        calls.add(() -> model.predict(question).outputs());
      }
      List<Future<float[]>> heard = threads.invokeAll(calls);
      for (int i = 0; i < heard.size(); i++) {
        assertThat(heard.get(i).get()).as("call %d", i).isEqualTo(answers.get(i % 8));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void predict_looksAtNoLabels() {
    ModelSpec spec = Models.mlp(3, 4, 2);
    Model model = Model.of(ModelFile.of(spec, Models.values(spec, 1)), Engines.byName("java"));
    float[] features = {1, 2, 3, 4, 5, 6};
    float[] expected = model.predict(features).outputs();
    Dataset numbers = Dataset.regression(new int[] {3}, features, new float[] {7, 8});
    assertThat(model.predict(numbers).outputs()).isEqualTo(expected);
    Dataset classes = Dataset.of(new int[] {3}, 9, features, new int[] {8, 7});
    assertThat(model.predict(classes).outputs()).isEqualTo(expected);
    assertThat(model.predict().rows()).isZero();
    assertThatThrownBy(() -> model.predict(1, 2))
        .hasMessageContaining("0 rows of 3 features, but 2 features came");
    Dataset wide = Dataset.of(new int[] {4}, 2, new float[4], new int[1]);
    assertThatThrownBy(() -> model.predict(wide)).isInstanceOf(EngineException.class);
  }

  @Test
  void predictions_sortAndCut() {
    Predictions predictions =
        Predictions.of(4, new float[] {0.1f, 0.4f, 0.4f, 0.1f, Float.NaN, -1f, -0f, 0f});
    assertThat(predictions.rows()).isEqualTo(2);
    assertThat(predictions.label(0)).isEqualTo(1);
    assertThat(predictions.ranked(0, 3)).containsExactly(1, 2, 0);
    assertThat(predictions.ranked(0, 9)).containsExactly(1, 2, 0, 3);
    assertThat(predictions.ranked(1, 4)).containsExactly(2, 3, 1, 0);
    assertThat(predictions.above(0, 0.4f)).containsExactly(1, 2);
    assertThat(predictions.above(1, 0.4f)).isEmpty();
    assertThat(predictions.output(0, 2)).isEqualTo(0.4f);
    assertThatThrownBy(() -> predictions.output(0, 4))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> predictions.label(0, 0.5f)).hasMessageContaining("there are 4");
    Predictions single = Predictions.of(1, new float[] {0.3f, 0.5f});
    assertThat(single.label(0)).isZero();
    assertThat(single.label(1)).isEqualTo(1);
    assertThat(single.label(0, 0.25f)).isEqualTo(1);
    assertThatThrownBy(() -> Predictions.of(3, new float[4]))
        .hasMessage("4 outputs are no rows of 3 each");
  }
}
