package dev.tributary.nn.engine.nd4j;

import dev.tributary.nn.Layer;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.engine.Engine;
import dev.tributary.nn.engine.EngineException;
import dev.tributary.nn.engine.Mode;
import dev.tributary.nn.engine.Program;
import dev.tributary.nn.engine.ProgramPool;
import dev.tributary.nn.engine.java.JavaEngine;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine on ND4J's native operations. Names no type of ND4J itself, so that it can be created
 * and asked without ND4J on the class path. Repeatable for a seed on one machine and version; other
 * processors may round sums otherwise.
 */
public final class Nd4jEngine implements Engine {
  private static final Logger LOG = LoggerFactory.getLogger(Nd4jEngine.class);
  private static final Set<String> LOGGED = ConcurrentHashMap.newKeySet();
  private static final Engine FALLBACK = new JavaEngine();

  private final ProgramPool pool = new ProgramPool(2 * Runtime.getRuntime().availableProcessors());
  private final Object lock = new Object();

  private @Nullable String reason;

  @Override
  public String name() {
    return "nd4j";
  }

  /** Loads the natives on the first call; later calls repeat its answer. */
  @Override
  public Optional<String> unavailable() {
    synchronized (lock) {
      if (reason == null) {
        reason = load();
      }
      return reason.isEmpty() ? Optional.empty() : Optional.of(reason);
    }
  }

  /** Why the natives cannot be used; empty if they can. */
  private static String load() {
    try {
      Nd4jRuntime.start();
      return "";
    } catch (NoClassDefFoundError e) {
      String missing = String.valueOf(e.getMessage());
      return missing.startsWith("org/nd4j/linalg")
          ? "ND4J is not on the class path: add dev.tributary:tributary-nd4j-<platform>"
          : failed(e);
    } catch (LinkageError | Exception e) {
      return failed(e);
    }
  }

  private static String failed(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    boolean none = root.getClass().getSimpleName().equals("NoAvailableBackendException");
    String where =
        " does not load on "
            + System.getProperty("os.name")
            + " "
            + System.getProperty("os.arch")
            + " ("
            + (none ? "the log of Nd4jBackend says what it misses" : root)
            + "): ";
    return isCuda()
        ? "ND4J's CUDA build"
            + where
            + "it needs an NVIDIA card of compute capability 3.7 to 8.9, its driver and the"
            + " libraries of CUDA 11.6; take dev.tributary:tributary-nd4j-<platform> in its place,"
            + " or engine java"
        : "ND4J"
            + where
            + "add dev.tributary:tributary-nd4j-<platform> of this platform, or take engine java";
  }

  /** Whether the class path has ND4J's build for NVIDIA cards. */
  private static boolean isCuda() {
    return Nd4jEngine.class.getResource("/org/nd4j/linalg/jcublas/JCublasBackend.class") != null;
  }

  @Override
  public Program compile(ModelSpec model, int batchSize, Mode mode) {
    unavailable()
        .ifPresent(
            text -> {
              throw new EngineException("engine nd4j cannot run here: " + text);
            });
    Optional<String> lacking = lacking(model, mode);
    if (lacking.isPresent()) {
      if (LOGGED.add(lacking.get())) {
        LOG.info("engine java instead of nd4j, which has no {}", lacking.get());
      }
      return FALLBACK.compile(model, batchSize, mode);
    }
    return new Nd4jProgram(model, batchSize);
  }

  /** A layer that it does not have; a model with one runs on the java engine. */
  static Optional<String> lacking(ModelSpec model, Mode mode) {
    if (mode instanceof Mode.PerExample) {
      return Optional.of("clipping of single examples");
    }
    return lacking(model.layers());
  }

  private static Optional<String> lacking(List<Layer> layers) {
    for (Layer layer : layers) {
      Optional<String> found = Optional.empty();
      if (layer instanceof Layer.Residual residual) {
        found = lacking(residual.layers()).or(() -> lacking(residual.shortcut()));
      } else if (layer instanceof Layer.Conv2d conv && conv.groups() > 1) {
        found = Optional.of("conv2d in groups");
      }
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  @Override
  public boolean suits(ModelSpec model) {
    return lacking(model, Mode.wholeBatch()).isEmpty();
  }

  @Override
  public long bytes(ModelSpec model, int batchSize, Mode mode) {
    return lacking(model, mode).isPresent()
        ? FALLBACK.bytes(model, batchSize, mode)
        : Nd4jProgram.bytes(model, batchSize);
  }

  @Override
  public Program acquire(ModelSpec model, int batchSize, Mode mode) {
    return pool.acquire(this, model, batchSize, mode);
  }
}
