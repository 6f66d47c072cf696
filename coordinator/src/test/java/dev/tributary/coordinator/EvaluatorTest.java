package dev.tributary.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.nn.Activation;
import dev.tributary.nn.Metrics;
import dev.tributary.nn.Model;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.ModelSpecException;
import dev.tributary.nn.data.Dataset;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.Engines;
import dev.tributary.nn.metric.Metric;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvaluatorTest {
  private static final Engine JAVA = Engines.byName("java");

  @Test
  void evaluate_namedMetrics_areThoseOfThePredictions() {
    ModelSpec spec = ModelSpec.builder(2).dense(3, Activation.SOFTMAX).build();
    ModelFile model = ModelFile.of(spec, new float[] {1, -1, 0.5f, 0, 2, -1, 0, 0, 0});
    Dataset data =
        Dataset.of(new int[] {2}, 3, new float[] {1, 0, 0, 1, 1, 1, -1, 0}, new int[] {0, 1, 2, 1});
    Metrics metrics = Evaluator.on(JAVA, data, List.of("loss", "f1", "perplexity")).evaluate(model);
    assertThat(metrics.examples()).isEqualTo(4);
    assertThat(metrics.accuracy()).isEqualTo(0.75);
    assertThat(metrics.named().keySet()).containsExactly("f1", "perplexity");
    assertThat(metrics.named().get("f1"))
        .isEqualTo(Metric.F1.of(Model.of(model, JAVA).predict(data), data));
    assertThat(Evaluator.on(JAVA, data, Evaluator.ALWAYS).evaluate(model).named()).isEmpty();
  }

  @Test
  void on_metricOfClassesForNumbers_isRefusedByName() {
    Dataset numbers = Dataset.regression(new int[] {1}, new float[] {1}, new float[] {2});
    assertThatThrownBy(() -> Evaluator.on(JAVA, numbers, List.of("rmse", "auc")))
        .isInstanceOf(ModelSpecException.class)
        .hasMessageContaining("auc is for classes");
  }
}
