package dev.tributary.nn.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.nn.Models;
import dev.tributary.nn.Presets;
import dev.tributary.nn.engine.java.JavaEngine;
import dev.tributary.nn.engine.java.PlainKernels;
import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EnginesTest {
  @Test
  void byName_onFullClassPath_findsBothAndPrefersNd4j() {
    assertThat(Engines.available()).containsExactlyInAnyOrder("java", "nd4j");
    assertThat(Engines.byName("java").name()).isEqualTo("java");
    assertThat(Engines.byName("auto")).isSameAs(Engines.byName("nd4j"));
  }

  @Test
  void best_takesJavaForSmallModelsAndNd4jForLargeOnes() {
    assertThat(Engines.best(Models.mlp(784, 128, 10)).name()).isEqualTo("java");
    assertThat(Engines.best(Models.mlp(784, 2048, 10)).name()).isEqualTo("java");
    assertThat(Engines.best(Models.mlp(784, 4096, 10)).name()).isEqualTo("nd4j");
    assertThat(Engines.best(Presets.shakespeareLstm(80, 80)).name()).isEqualTo("java");
    assertThat(Engines.best(Presets.gpt(80, 64, 128, 4, 3)).name()).isEqualTo("java");
    assertThat(Engines.best(Presets.gpt(80, 64, 512, 8, 1)).name()).isEqualTo("nd4j");
    Engine plain = new JavaEngine(PlainKernels::new);
    assertThat(plain.suits(Models.mlp(100, 2, 2))).isTrue();
    assertThat(plain.suits(Presets.gpt(80, 64, 128, 4, 3))).isFalse();
    assertThat(plain.suits(Models.mlp(784, 128, 10))).isFalse();
  }

  /** By the multiplications for an example: 0.8, 3.1 and 12.5 million in the nets below. */
  @Test
  void best_takesNd4jForLargeConvolutions() {
    assertThat(Engines.best(Presets.resNet8(8, 8, 3, 10)).name()).isEqualTo("java");
    assertThat(Engines.best(Presets.resNet8(16, 16, 3, 10)).name()).isEqualTo("nd4j");
    assertThat(Engines.best(Presets.resNet8(32, 32, 3, 10)).name()).isEqualTo("nd4j");
  }

  @Test
  void byName_unknown_namesWhatThereIs() {
    assertThatThrownBy(() -> Engines.byName("torch"))
        .isInstanceOf(EngineException.class)
        .hasMessage("no engine is called torch; there are auto and [java, nd4j]");
  }

  @Test
  void withoutNd4j_autoTakesJavaAndNd4jSaysWhatToAdd() throws Throwable {
    try (URLClassLoader loader = classPathWithout(jar -> jar.contains("nd4j"))) {
      assertThat(nameOf(loader, "auto")).isEqualTo("java");
      assertThatThrownBy(() -> nameOf(loader, "nd4j"))
          .hasMessage(
              "engine nd4j cannot run here: ND4J is not on the class path: add"
                  + " dev.tributary:tributary-nd4j-<platform>");
    }
  }

  @Test
  void withoutNatives_autoTakesJavaAndNd4jSaysWhy() throws Throwable {
    try (URLClassLoader loader = classPathWithout(jar -> jar.matches("nd4j-native-1.*"))) {
      assertThat(nameOf(loader, "auto")).isEqualTo("java");
      assertThatThrownBy(() -> nameOf(loader, "nd4j"))
          .hasMessageStartingWith(
              "engine nd4j cannot run here: ND4J does not load on " + System.getProperty("os.name"))
          .hasMessageContaining("or take engine java");
    }
  }

  @Test
  void cudaBuildWithoutItsNatives_autoTakesJavaAndNd4jSaysWhatACardNeeds(@TempDir Path folder)
      throws Throwable {
    Path backend = folder.resolve("org/nd4j/linalg/jcublas/JCublasBackend.class");
    Files.createDirectories(backend.getParent());
    Files.createFile(backend);
    try (URLClassLoader loader =
        classPathWithout(jar -> jar.matches("nd4j-native-1.*"), folder.toUri().toURL())) {
      assertThat(nameOf(loader, "auto")).isEqualTo("java");
      assertThatThrownBy(() -> nameOf(loader, "nd4j")).satisfies(EnginesTest::saysWhatACardNeeds);
    }
  }

  /**
   * With the profile {@code cuda}: on a card the engine of CUDA is taken, elsewhere the reason is
   * given. The tests of the engine itself are to be run on a card only.
   */
  @Test
  @Tag("cuda")
  void cudaBuild_isTakenOnACardAndSaysElsewhereWhatItNeeds() {
    assertThat(getClass().getResource("/org/nd4j/linalg/jcublas/JCublasBackend.class")).isNotNull();
    if (Engines.available().contains("nd4j")) {
      assertThat(Engines.byName("auto").name()).isEqualTo("nd4j");
    } else {
      assertThat(Engines.byName("auto").name()).isEqualTo("java");
      assertThat(Engines.best(Models.mlp(784, 4096, 10)).name()).isEqualTo("java");
      assertThatThrownBy(() -> Engines.byName("nd4j")).satisfies(EnginesTest::saysWhatACardNeeds);
    }
  }

  private static void saysWhatACardNeeds(Throwable refusal) {
    assertThat(refusal)
        .hasMessageStartingWith("engine nd4j cannot run here: ND4J's CUDA build does not load on ")
        .hasMessageContaining("needs an NVIDIA card of compute capability 3.7 to 8.9")
        .hasMessageContaining("CUDA 11.6")
        .hasMessageEndingWith("or engine java");
  }

  /** The class path of this test in a loader of its own, less some jars, and more. */
  private static URLClassLoader classPathWithout(Predicate<String> left, URL... more)
      throws Exception {
    List<URL> urls = new ArrayList<>(List.of(more));
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path path = Path.of(entry);
      boolean jar = entry.endsWith(".jar");
      if (!jar || !left.test(path.getFileName().toString())) {
        urls.add(path.toUri().toURL());
      }
    }
    return new URLClassLoader(urls.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
  }

  private static Object nameOf(ClassLoader loader, String name) throws Throwable {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(loader);
    try {
      Object engine =
          loader
              .loadClass(Engines.class.getName())
              .getMethod("byName", String.class)
              .invoke(null, name);
      return loader.loadClass(Engine.class.getName()).getMethod("name").invoke(engine);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
