package dev.tributary.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * A strategy of one's own, as docs/strategies.md says: by the launcher and TRIBUTARY_CLASS_PATH.
 */
@DisabledOnOs(OS.WINDOWS)
class OwnStrategyTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path EXAMPLE = ROOT.resolve("examples/strategy/src/main");
  private static final Pattern COMMAND =
      Pattern.compile(
          "(?m)^TRIBUTARY_CLASS_PATH=(\\S+) ./tributary simulate (\\S+) --set '([^']+)'$");

  private static final String PATH =
      System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));

  @TempDir Path folder;

  private record Ended(int status, String said) {}

  /** The launcher beside a distribution that is fresh and empty: all classes are in the path. */
  private Ended launch(String classPath, List<String> arguments) throws Exception {
    Path home = folder.resolve("home");
    Path made = home.resolve("simulations/target/fast/tributary");
    if (!Files.exists(made)) {
      Files.createDirectories(made);
      Files.createFile(made.resolve("tributary.jar"));
      Files.createFile(made.resolve(".built"));
      Files.copy(ROOT.resolve("tributary"), home.resolve("tributary"));
    }
    List<String> command = new ArrayList<>(List.of("sh", home.resolve("tributary").toString()));
    command.addAll(arguments);
    Path said = folder.resolve("said.txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(ROOT.toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("TRIBUTARY_CLASS_PATH", classPath);
    Process process = builder.start();
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Ended(process.exitValue(), Files.readString(said));
  }

  /** What the build of the example puts into its jar. */
  private Path lion() throws IOException {
    Path classes = Files.createDirectory(folder.resolve("lion"));
    Path source = EXAMPLE.resolve("java/org/example/strategy/Lion.java");
    assertThat(Files.readAllLines(source)).hasSizeLessThan(50);
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-d",
                classes.toString(),
                "-cp",
                PATH,
                "-proc:none",
                source.toString());
    assertThat(status).isZero();
    Path services = Files.createDirectories(classes.resolve("META-INF/services"));
    String provider = "dev.tributary.coordinator.StrategyProvider";
    Files.copy(
        EXAMPLE.resolve("resources/META-INF/services").resolve(provider),
        services.resolve(provider));
    return classes;
  }

  @Test
  void commandOfTheDocument_runs() throws Exception {
    Matcher line = COMMAND.matcher(Files.readString(ROOT.resolve("docs/strategies.md")));
    assertThat(line.find()).isTrue();
    assertThat(line.group(1)).isEqualTo("examples/strategy/target/lion-1.jar");
    List<String> arguments =
        List.of(
            "simulate",
            line.group(2),
            "--set",
            line.group(3),
            "--fast",
            "--rounds",
            "2",
            "--out",
            folder.resolve("run").toString());

    Ended with = launch(lion() + File.pathSeparator + PATH, arguments);

    assertThat(with.status()).as(with.said()).isZero();
    assertThat(with.said()).contains("2 of 2 completed");
    Ended without = launch(PATH, arguments);
    assertThat(without.status()).isEqualTo(65);
    assertThat(without.said()).contains("{lion} is none of fedavg");
  }

  @Test
  void jarThatIsNotThere_isNamed() throws Exception {
    Ended ended = launch("lost.jar" + File.pathSeparator + EXAMPLE, List.of("--version"));

    assertThat(ended.status()).isEqualTo(66);
    assertThat(ended.said()).contains("names what is not there: lost.jar\n");
  }
}
