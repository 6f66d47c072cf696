package dev.tributary.simulation.soak;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a process holds, on Linux: by name, in bytes or by number. */
final class Footprint {
  static final String HEAP = "heap";
  static final String OFF_HEAP = "off-heap";
  static final String FILES = "file descriptors";
  static final String THREADS = "threads";
  static final String RESIDENT = "resident";

  private Footprint() {}

  /**
   * Another JVM, started with native memory tracking: what lives on its heap after a collection,
   * and what is allocated beside it for buffers.
   */
  static Map<String, Double> of(long pid) throws IOException, InterruptedException {
    Map<String, Double> found = new LinkedHashMap<>();
    found.put(HEAP, number(jcmd(pid, "GC.class_histogram"), "Total +\\d+ +(\\d+)"));
    String native_ = jcmd(pid, "VM.native_memory", "summary", "scale=KB");
    found.put(OFF_HEAP, 1024 * number(native_, "Other \\(reserved=\\d+KB, committed=(\\d+)KB"));
    found.put("native memory of the JVM", 1024 * number(native_, "Total:.* committed=(\\d+)KB"));
    process(pid, found);
    return found;
  }

  /** This JVM. */
  static Map<String, Double> ofThis() throws IOException {
    Map<String, Double> found = new LinkedHashMap<>();
    System.gc();
    found.put(HEAP, (double) ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    found.put(
        OFF_HEAP,
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .mapToDouble(BufferPoolMXBean::getMemoryUsed)
            .sum());
    process(ProcessHandle.current().pid(), found);
    return found;
  }

  private static void process(long pid, Map<String, Double> found) throws IOException {
    Path process = Path.of("/proc", Long.toString(pid));
    try (Stream<Path> open = Files.list(process.resolve("fd"))) {
      found.put(FILES, (double) open.count());
    }
    String status = Files.readString(process.resolve("status"));
    found.put(THREADS, number(status, "Threads:\\s+(\\d+)"));
    found.put(RESIDENT, 1024 * number(status, "VmRSS:\\s+(\\d+)"));
  }

  /** The heap's classes, those that hold most first. */
  static String histogram(long pid) throws IOException, InterruptedException {
    return jcmd(pid, "GC.class_histogram");
  }

  private static String jcmd(long pid, String... words) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Stream.concat(
                        Stream.of(
                            Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                            Long.toString(pid)),
                        Stream.of(words))
                    .toList())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("jcmd " + List.of(words) + ": " + said);
    }
    return said;
  }

  private static double number(String text, String pattern) {
    Matcher found = Pattern.compile(pattern).matcher(text);
    if (!found.find()) {
      throw new IllegalStateException("no " + pattern + " in: " + text);
    }
    return Double.parseDouble(found.group(1));
  }
}
