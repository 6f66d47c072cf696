package dev.tributary.simulation.spark;

import dev.tributary.simulation.Backend;
import dev.tributary.simulation.Experiment;
import java.io.File;
import java.util.Arrays;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * The coordinator here, the clients on Spark: on the cores of this machine, or wherever the system
 * property {@code spark.master} says. Other properties of Spark are taken as they are.
 */
public final class SparkBackend implements Backend {
  /** A public constructor for {@link java.util.ServiceLoader}. */
  public SparkBackend() {}

  @Override
  public String word() {
    return "spark";
  }

  @Override
  public boolean plainSum() {
    return true;
  }

  @Override
  public Experiment.Outcome run(Experiment experiment, Setting setting)
      throws InterruptedException {
    try (JavaSparkContext context = new JavaSparkContext(configuration(setting.threads()))) {
      return experiment.run(
          setting.scratch(),
          setting.threads(),
          setting.listener(),
          new SparkFleet(context),
          setting.file());
    }
  }

  /** Spark's properties, and what they leave open. */
  static SparkConf configuration(int threads) {
    SparkConf conf = new SparkConf();
    conf.setIfMissing("spark.app.name", "tributary");
    conf.setIfMissing("spark.ui.enabled", "false");
    // Four attempts of a task, as on a cluster.
    conf.setIfMissing("spark.master", "local[" + threads + ",4]");
    conf.setIfMissing("spark.executor.extraJavaOptions", executorOptions());
    if (conf.get("spark.master").startsWith("local")) {
      conf.setIfMissing("spark.driver.host", "127.0.0.1");
      conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
    } else {
      conf.setIfMissing("spark.jars", String.join(",", jars()));
    }
    return conf;
  }

  /** What the launcher gives the JVM that trains. */
  private static String executorOptions() {
    String kernels = "--add-modules=jdk.incubator.vector";
    return Runtime.version().feature() < 24
        ? kernels + " -XX:+UnlockDiagnosticVMOptions -XX:ArrayOperationPartialInlineSize=0"
        : kernels;
  }

  /** The jars of this process but Spark's own, which executors have. */
  private static String[] jars() {
    return Arrays.stream(System.getProperty("java.class.path", "").split(File.pathSeparator, -1))
        .filter(path -> path.endsWith(".jar"))
        .filter(path -> !new File(path).getName().matches("(spark|scala|hadoop)-.*"))
        .toArray(String[]::new);
  }
}
