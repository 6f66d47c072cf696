package dev.tributary.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Builds and runs a project outside this build, from an empty local repository: what this build
 * would publish is deployed to a folder, and the project finds it there. Runs with {@code
 * -Pconsumer}. Where the outer build is offline, its local repository stands in for Maven Central.
 */
@Tag("consumer")
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class ConsumerTest {
  private static final Path HOUSE = Path.of("..").toAbsolutePath().normalize();
  private static final boolean OFFLINE =
      "offline=true".equals(System.getProperty("tributary.maven"));

  private final Path work = Path.of("target", "consumer").toAbsolutePath();
  private final Path published = work.resolve("published");

  @BeforeEach
  void clear() throws IOException {
    if (Files.exists(work)) {
      try (Stream<Path> files = Files.walk(work)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    Files.createDirectories(work);
  }

  @Test
  void project_withTheOneDependency_buildsAndRuns() throws Exception {
    List<String> deploy = maven(HOUSE.resolve("pom.xml"));
    deploy.addAll(
        List.of(
            "-Dfast",
            "-Dmaven.test.skip=true",
            "-pl",
            "bom,client-sdk",
            "-am",
            "-DaltDeploymentRepository=published::" + published.toUri(),
            "package",
            "deploy:deploy"));
    run(deploy); // Maven deploys to no folder while it is offline; all it needs is in the local
    // repository

    Path project = copy(Path.of("src", "it", "consumer"), work.resolve("project"));
    List<String> build = maven(project.resolve("pom.xml"));
    build.addAll(
        List.of(
            "-Dmaven.repo.local=" + work.resolve("empty-repository"),
            "-Dtributary.repository=" + published.toUri(),
            "package"));
    if (OFFLINE) {
      build.addAll(List.of("-s", settings().toString()));
    }
    run(build);

    Path jars = project.resolve("target").resolve("dependency");
    try (Stream<Path> files = Files.list(jars)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .anyMatch(name -> name.startsWith("tributary-client-sdk"))
          .noneMatch(name -> name.matches("(nd4j|javacpp|logback|vertx|netty).*"));
    }
    String classes =
        project.resolve("target").resolve("consumer-1.jar")
            + java.io.File.pathSeparator
            + jars
            + "/*";
    String output =
        run(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classes,
                "org.example.App",
                work.resolve("state").toString()));
    assertThat(output)
        .contains("version 0.1.0-SNAPSHOT")
        .contains("engines [java]")
        .contains("coordinator-unreachable");
  }

  private static List<String> maven(Path pom) {
    boolean windows = System.getProperty("os.name").startsWith("Windows");
    Path wrapper = HOUSE.resolve(windows ? "mvnw.cmd" : "mvnw");
    return new ArrayList<>(List.of(wrapper.toString(), "-B", "-ntp", "-q", "-f", pom.toString()));
  }

  /** The outer build's local repository in the place of Maven Central. */
  private Path settings() throws IOException {
    Path local = Path.of(System.getProperty("tributary.local.repository"));
    return Files.writeString(
        work.resolve("settings.xml"),
        """
        <settings>
          <mirrors>
            <mirror>
              <id>local</id>
              <mirrorOf>*,!tributary</mirrorOf>
              <url>%s</url>
            </mirror>
          </mirrors>
        </settings>
        """
            .formatted(local.toUri()));
  }

  private static Path copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file)));
      }
    }
    return to;
  }

  private String run(List<String> command) throws Exception {
    Path log = Files.createTempFile(work, "run-", ".log");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    int status =
        builder
            .directory(work.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    String output = Files.readString(log);
    assertThat(status).as("%s%n%s", String.join(" ", command), output).isZero();
    return output;
  }
}
