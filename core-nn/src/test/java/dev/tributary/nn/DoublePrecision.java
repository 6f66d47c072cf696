package dev.tributary.nn;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * The module compiled once more with double for float, in memory: the same engine, in which
 * rounding no longer hides a wrong derivative. {@link FloatMath} is replaced by the functions of
 * the JDK.
 */
final class DoublePrecision extends ClassLoader {
  private static final Path MAIN = Path.of("src", "main", "java");
  private static final Path TEST = Path.of("src", "test", "java");
  private static final String PACKAGE = "dev.tributary.nn.";

  private static final String MATH =
      """
      package dev.tributary.nn;
      public final class FloatMath {
        public static double exp(double x) { return StrictMath.exp(x); }
        public static double expm1(double x) { return StrictMath.expm1(x); }
        public static double log1p(double x) { return StrictMath.log1p(x); }
        public static double tanh(double x) { return StrictMath.tanh(x); }
        public static double sigmoid(double x) { return 1 / (1 + StrictMath.exp(-x)); }
        /** 1/2 + density (x + x^3/3 + x^5/15 + ...): Abramowitz and Stegun 26.2.11. */
        public static double normal(double x) {
          double term = x;
          double sum = x;
          for (int i = 3; i < 400; i += 2) {
            term *= x * x / i;
            sum += term;
          }
          return 0.5 + sum * StrictMath.exp(-x * x / 2) / StrictMath.sqrt(2 * Math.PI);
        }
      }
      """;

  private final Map<String, byte[]> classes = new HashMap<>();

  private DoublePrecision() {
    super(DoublePrecision.class.getClassLoader());
  }

  static ClassLoader compile() {
    List<JavaFileObject> sources = new ArrayList<>();
    try (Stream<Path> files = Files.walk(MAIN)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
        // Formats of files are about the bits of floats.
        if (!file.toString().contains("nd4j") && !file.toString().contains("interchange")) {
          add(sources, MAIN.relativize(file));
        }
      }
      add(sources, MAIN.relativize(MAIN.resolve("dev/tributary/nn/GradientCheck.java")));
      add(sources, MAIN.relativize(MAIN.resolve("dev/tributary/nn/Samples.java")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    DoublePrecision loader = new DoublePrecision();
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    JavaFileManager files = loader.new Output(compiler.getStandardFileManager(null, null, null));
    List<String> options =
        List.of("-proc:none", "-nowarn", "-cp", System.getProperty("java.class.path"));
    if (!compiler.getTask(null, files, null, options, null, sources).call()) {
      throw new IllegalStateException("the module does not compile in double");
    }
    return loader;
  }

  private static void add(List<JavaFileObject> sources, Path file) throws IOException {
    Path in = Files.exists(MAIN.resolve(file)) ? MAIN : TEST;
    String text =
        file.endsWith("FloatMath.java") ? MATH : inDouble(Files.readString(in.resolve(file)));
    URI uri = URI.create("string:///" + file.toString().replace(File.separatorChar, '/'));
    sources.add(
        new SimpleJavaFileObject(uri, JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
          }
        });
  }

  private static String inDouble(String source) {
    return source
        .replaceAll("\\b(\\d[\\d_]*\\.?\\d*(?:[eE][-+]?\\d+)?)f\\b", "$1d")
        .replaceAll("\\bfloat\\b", "double")
        .replaceAll("\\bFloat\\b", "Double")
        .replace("FloatBuffer", "DoubleBuffer")
        .replaceAll("\\b(parse|next)Float\\b", "$1Double")
        .replace("floatValue()", "doubleValue()");
  }

  /** {@link GradientCheck#of} in double. */
  static double[][] gradients(ClassLoader doubles, String json, int rows, long seed, double h) {
    try {
      Method method =
          doubles
              .loadClass(GradientCheck.class.getName())
              .getMethod("of", String.class, int.class, long.class, double.class);
      return (double[][]) method.invoke(null, json, rows, seed, h);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    synchronized (getClassLoadingLock(name)) {
      byte[] bytes = name.startsWith(PACKAGE) ? classes.get(name) : null;
      Class<?> loaded = findLoadedClass(name);
      if (loaded != null) {
        return loaded;
      }
      return bytes == null
          ? super.loadClass(name, resolve)
          : defineClass(name, bytes, 0, bytes.length);
    }
  }

  /** Keeps what javac writes. */
  private final class Output extends ForwardingJavaFileManager<JavaFileManager> {
    Output(JavaFileManager files) {
      super(files);
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
        Location location, String name, JavaFileObject.Kind kind, javax.tools.FileObject sibling) {
      return new SimpleJavaFileObject(
          URI.create("memory:///" + name.replace('.', '/') + ".class"), kind) {
        @Override
        public OutputStream openOutputStream() {
          return new ByteArrayOutputStream() {
            @Override
            public void close() {
              classes.put(name, toByteArray());
            }
          };
        }
      };
    }
  }
}
