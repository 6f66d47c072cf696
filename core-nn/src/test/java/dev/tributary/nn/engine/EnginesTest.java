package dev.tributary.nn.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.nn.Models;
import dev.tributary.nn.engine.java.JavaEngine;
import dev.tributary.nn.engine.java.PlainKernels;
import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

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
    Engine plain = new JavaEngine(PlainKernels::new);
    assertThat(plain.suits(Models.mlp(100, 2, 2))).isTrue();
    assertThat(plain.suits(Models.mlp(784, 128, 10))).isFalse();
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

  /** The class path of this test in a loader of its own, less some jars. */
  private static URLClassLoader classPathWithout(Predicate<String> left) throws Exception {
    List<URL> urls = new ArrayList<>();
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
