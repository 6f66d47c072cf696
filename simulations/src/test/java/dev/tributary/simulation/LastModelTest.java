package dev.tributary.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.nn.Activation;
import dev.tributary.nn.Loss;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.ModelFileException;
import dev.tributary.nn.ModelSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LastModelTest {
  @Test
  void model_isReadFromTheStoreOnce_andParsedOnce() {
    ModelFile first = model(1);
    ModelFile second = model(2);
    Map<String, byte[]> store =
        Map.of(first.digest(), first.toBytes(), second.digest(), second.toBytes());
    List<String> read = new ArrayList<>();
    LastModel models =
        new LastModel(
            digest -> {
              read.add(digest);
              return store.get(digest);
            });
    byte[] bytes = models.get(first.digest(), 0);
    byte[] again = models.get(first.digest(), 0);
    assertThat(again).isEqualTo(bytes).isNotSameAs(bytes);
    assertThat(read).containsExactly(first.digest());
    ModelFile opened = models.open(first.digest(), bytes);
    assertThat(opened.digest()).isEqualTo(first.digest());
    assertThat(models.open(first.digest(), again)).isSameAs(opened);
    assertThat(models.open(second.digest(), models.get(second.digest(), 0)).digest())
        .isEqualTo(second.digest());
    opened.parameters()[0] = 7;
    assertThat(models.open(first.digest(), bytes).digest()).isEqualTo(first.digest());
  }

  @Test
  void bytesThatAreNoModel_areRefused_andNotKept() {
    LastModel models = new LastModel(digest -> new byte[0]);
    ModelFile good = model(1);
    assertThatThrownBy(() -> models.open(good.digest(), new byte[9]))
        .isInstanceOf(ModelFileException.class);
    assertThat(models.open(good.digest(), good.toBytes()).digest()).isEqualTo(good.digest());
  }

  private static ModelFile model(float value) {
    ModelSpec spec =
        ModelSpec.builder(1).dense(1, Activation.LINEAR).loss(Loss.SQUARED_ERROR).build();
    return ModelFile.of(spec, new float[] {value, value});
  }
}
