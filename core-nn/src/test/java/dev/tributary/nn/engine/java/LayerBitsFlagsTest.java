package dev.tributary.nn.engine.java;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The digest of {@link LayerBitsTest} in JVMs with other flags: vectors of all widths, plain loops,
 * C1 alone; and of another JDK, whose home {@code -Dtributary.other.jdk} names.
 */
@Tag("nightly")
final class LayerBitsFlagsTest {
  private static final String VECTORS = "--add-modules=jdk.incubator.vector";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-XX:TieredStopAtLevel=1",
        VECTORS,
        VECTORS + " -XX:TieredStopAtLevel=1",
        VECTORS + " -XX:UseAVX=0",
        VECTORS + " -XX:UseAVX=1",
        VECTORS + " -XX:UseAVX=2",
        VECTORS + " -XX:UseAVX=3"
      })
  void train_ofEveryLayer_givesTheSameDigest(String flags) throws Exception {
    boolean avx = flags.contains("UseAVX");
    assumeThat(!avx || System.getProperty("os.arch").equals("amd64")).isTrue();
    assertThat(digest(System.getProperty("java.home"), flags)).endsWith(LayerBitsTest.DIGEST);
  }

  @Test
  void train_ofEveryLayer_onAnotherJdk_givesTheSameDigest() throws Exception {
    String home = System.getProperty("tributary.other.jdk");
    assumeThat(home).as("-Dtributary.other.jdk, the home of a JDK").isNotNull();
    for (String flags : new String[] {"", VECTORS}) {
      assertThat(digest(home, flags)).endsWith(LayerBitsTest.DIGEST);
    }
  }

  private static String digest(String home, String flags) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(home, "bin", "java").toString());
    if (!flags.isEmpty()) {
      command.addAll(List.of(flags.split(" ")));
    }
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), LayerBitsTest.class.getName()));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output.strip();
  }
}
