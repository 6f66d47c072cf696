package dev.tributary.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.client.round.ClientOutcome;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an app may call: every public and protected signature of the package, and of the outcome
 * that a listener gets, against the list in {@code src/test/api/client-sdk.txt}.
 */
class PublicApiTest {
  private static final Path LIST = Path.of("src/test/api/client-sdk.txt");
  private static final Path CURRENT = Path.of("target/client-sdk.txt");
  private static final Path SOURCES = Path.of("src/main/java");
  private static final String PACKAGE = "dev.tributary.client";

  @TempDir Path directory;

  @Test
  void everyListedSignature_isStillThere_andEveryNewOneIsListed() throws Exception {
    TreeSet<String> now = signatures();
    Files.write(CURRENT, now);
    TreeSet<String> listed = new TreeSet<>(Files.readAllLines(LIST));
    TreeSet<String> gone = new TreeSet<>(listed);
    gone.removeAll(now);
    TreeSet<String> fresh = new TreeSet<>(now);
    fresh.removeAll(listed);

    assertThat(gone)
        .as("gone: apps that use them break; see 'The public API' in DESIGN.md")
        .isEmpty();
    assertThat(fresh).as("new: not in %s yet; %s has them", LIST, CURRENT).isEmpty();
  }

  @Test
  void everyPublicTypeAndMember_hasAComment() {
    StringWriter output = new StringWriter();
    PrintWriter out = new PrintWriter(output);
    ToolProvider javadoc = ToolProvider.findFirst("javadoc").orElseThrow();
    int status =
        javadoc.run(
            out,
            out,
            "-quiet",
            "-Xdoclint:all",
            "-Xmaxwarns",
            "5000",
            "-d",
            directory.toString(),
            "-classpath",
            System.getProperty("java.class.path"),
            "-sourcepath",
            SOURCES.toString(),
            PACKAGE,
            ClientOutcome.class.getPackageName());

    assertThat(status).as("%s", output).isZero();
    List<String> missing = output.toString().lines().toList();
    assertThat(missing).as("doclint is heard").anyMatch(line -> line.contains("no @"));
    assertThat(missing.stream().filter(line -> line.contains("no comment"))).isEmpty();
  }

  private static TreeSet<String> signatures() throws Exception {
    TreeSet<String> lines = new TreeSet<>();
    for (Class<?> type : types()) {
      if (visible(type)) {
        describe(type, lines);
      }
    }
    return lines;
  }

  /** All classes of the package in this build, nested ones too. */
  private static List<Class<?>> types() throws IOException, ReflectiveOperationException {
    Path classes =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(entry -> Path.of(entry, PACKAGE.split("\\.")))
            .filter(path -> Files.exists(path.resolve("FederatedClient.class")))
            .findFirst()
            .orElseThrow();
    TreeSet<String> names = new TreeSet<>();
    try (Stream<Path> files = Files.list(classes)) {
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".class") && !name.equals("package-info.class"))
          .forEach(name -> names.add(PACKAGE + "." + name.substring(0, name.length() - 6)));
    }
    names.add(ClientOutcome.class.getName());
    names.add(ClientOutcome.Kind.class.getName());
    List<Class<?>> types = new ArrayList<>();
    for (String name : names) {
      types.add(Class.forName(name, false, PublicApiTest.class.getClassLoader()));
    }
    return types;
  }

  private static boolean visible(Class<?> type) {
    for (Class<?> at = type; at != null; at = at.getEnclosingClass()) {
      if (!visible(at.getModifiers())) {
        return false;
      }
    }
    return !type.isAnonymousClass() && !type.isLocalClass();
  }

  private static boolean visible(int modifiers) {
    return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
  }

  private static void describe(Class<?> type, TreeSet<String> lines) {
    String before = type.getName() + ": ";
    Class<?> parent = type.getSuperclass();
    assertThat(parent == null || visible(parent))
        .as("%s has a hidden parent, whose methods this list would miss", type)
        .isTrue();
    List<String> interfaces = Stream.of(type.getInterfaces()).map(Class::getName).toList();
    lines.add(
        before
            + type.toGenericString()
            + (parent == null ? "" : " extends " + parent.getName())
            + (interfaces.isEmpty() ? "" : " implements " + String.join(", ", interfaces)));
    for (Field field : type.getDeclaredFields()) {
      if (visible(field.getModifiers()) && !field.isSynthetic()) {
        lines.add(before + field.toGenericString());
      }
    }
    for (Constructor<?> constructor : type.getDeclaredConstructors()) {
      add(constructor, before, lines);
    }
    for (Method method : type.getDeclaredMethods()) {
      add(method, before, lines);
    }
  }

  private static void add(Executable member, String before, TreeSet<String> lines) {
    if (visible(member.getModifiers()) && !member.isSynthetic()) {
      lines.add(before + member.toGenericString());
    }
  }
}
