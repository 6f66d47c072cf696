package dev.tributary.nn.engine;

import dev.tributary.nn.ModelSpec;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The engines of this process: looked up when first asked for, one object each. */
public final class Engines {
  private static final Logger LOG = LoggerFactory.getLogger(Engines.class);
  private static final String AUTO = "auto";
  private static final Set<String> LOGGED = ConcurrentHashMap.newKeySet();

  private Engines() {}

  /**
   * The engine of that name, or with {@code auto} the one to take when nothing is known of the
   * model: {@code nd4j} where it runs, else {@code java}. The choice of {@code auto} is logged
   * once.
   *
   * @throws EngineException if it is unknown or cannot run here; says why and what to do
   */
  public static Engine byName(String name) {
    if (name.equals(AUTO)) {
      return automatic();
    }
    Engine engine = find(name);
    Optional<String> reason = engine.unavailable();
    if (reason.isPresent()) {
      throw new EngineException("engine " + name + " cannot run here: " + reason.get());
    }
    return engine;
  }

  /**
   * The engine to take for a model when none is named: the first that suits it and can run here.
   * Natives are loaded only if the model is one for them. Each choice is logged once.
   */
  public static Engine best(ModelSpec spec) {
    for (Engine engine : Holder.ALL) {
      if (engine.suits(spec) && engine.unavailable().isEmpty()) {
        log(engine, "");
        return engine;
      }
    }
    return automatic();
  }

  /** The names of the engines that can run here. */
  public static List<String> available() {
    return Holder.ALL.stream()
        .filter(engine -> engine.unavailable().isEmpty())
        .map(Engine::name)
        .toList();
  }

  private static Engine automatic() {
    Optional<Engine> nd4j = Holder.ALL.stream().filter(e -> e.name().equals("nd4j")).findFirst();
    String reason =
        nd4j.map(engine -> engine.unavailable().orElse("")).orElse("it is not on the class path");
    Engine chosen = reason.isEmpty() ? nd4j.orElseThrow() : find("java");
    log(chosen, reason.isEmpty() ? "" : ", because nd4j cannot run here: " + reason);
    return chosen;
  }

  private static void log(Engine engine, String why) {
    if (LOGGED.add(engine.name())) {
      LOG.info("engine {}{}", engine.name(), why);
    }
  }

  private static Engine find(String name) {
    for (Engine engine : Holder.ALL) {
      if (engine.name().equals(name)) {
        return engine;
      }
    }
    throw new EngineException(
        "no engine is called "
            + name
            + "; there are auto and "
            + Holder.ALL.stream().map(Engine::name).toList());
  }

  private static final class Holder {
    static final List<Engine> ALL = load();

    private static List<Engine> load() {
      List<Engine> engines = new ArrayList<>();
      Iterator<Engine> found =
          ServiceLoader.load(Engine.class, Engine.class.getClassLoader()).iterator();
      while (true) {
        try {
          if (!found.hasNext()) {
            return List.copyOf(engines);
          }
          engines.add(found.next());
        } catch (ServiceConfigurationError e) {
          LOG.warn("an engine on the class path cannot be created: {}", e.getMessage());
        }
      }
    }
  }
}
