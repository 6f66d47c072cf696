package dev.tributary.nn.interchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.Models;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModelCardTest {
  private static final ModelSpec SPEC = Models.mlp(3, 4, 2);
  private static final ModelFile MODEL = ModelFile.of(SPEC, Models.values(SPEC, 1));

  @Test
  void card_saysWhatTheModelIs(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("model.safetensors");
    MODEL.write(file);
    Map<String, Object> training = Map.of("rounds", 8, "rate", 0.5, "engine", "java", "live", true);
    JsonNode card = new ObjectMapper().readTree(ModelCard.of(MODEL, training, Map.of()).toJson());
    assertThat(card.get("sha256").asText()).isEqualTo(ModelFile.read(file).digest());
    assertThat(card.get("parameters").asInt()).isEqualTo(3 * 4 + 4 + 4 * 2 + 2);
    assertThat(ModelSpec.fromJson(card.get("model").toString())).isEqualTo(SPEC);
    assertThat(card.get("layout")).hasSize(4);
    assertThat(card.get("layout").get(2).toString())
        .isEqualTo("{\"name\":\"layers.1.weight\",\"shape\":[4,2],\"offset\":16}");
    assertThat(card.get("training").toString())
        .isEqualTo("{\"engine\":\"java\",\"live\":true,\"rate\":0.5,\"rounds\":8}");
    assertThat(card.get("privacy").isNull()).isTrue();
  }

  @Test
  void card_ofUnknownValues_isRefused() {
    assertThatThrownBy(() -> ModelCard.of(MODEL, Map.of("x", Double.NaN), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("x: expected a finite number");
    assertThatThrownBy(() -> ModelCard.of(MODEL, Map.of(), Map.of("y", new int[1])))
        .hasMessageStartingWith("y: expected");
    ModelCard card = ModelCard.of(MODEL, Map.of(), Map.of("epsilon", 4.0));
    assertThat(card.toJson()).contains("\"epsilon\" : 4.0");
  }
}
