package dev.tributary.simulation.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tributary.secagg.StepReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The figures of {@code bench secure-agg} as they come, for people and for programs. */
final class SecureAggFigures {
  private static final double MASK_GOAL = 1.5;
  private static final double UNMASK_GOAL = 2;
  private static final double ROUND_GOAL = 1.5;
  private static final int HEAP_GOAL = 8;

  /** A round beside its floor, and what Flower takes for it. */
  private static final class Point {
    final BenchRound.Figures round;
    final OperationFloor floor;
    final MaskSpeed mask;
    double @Nullable [] flower;

    Point(BenchRound.Figures round, OperationFloor floor, MaskSpeed mask) {
      this.round = round;
      this.floor = floor;
      this.mask = mask;
    }
  }

  private final int threads;
  private final List<Point> points = new ArrayList<>();
  private final List<CoordinatorHeap.Figures> heaps = new ArrayList<>();
  private @Nullable MaskSpeed mask;
  private @Nullable String flower;
  private double flowerMask;

  SecureAggFigures(int threads) {
    this.threads = threads;
  }

  void mask(MaskSpeed one) {
    mask = one;
  }

  /** Flower's versions, and its seconds for a mask of the same length. */
  void flowerMask(String version, double seconds) {
    flower = version;
    flowerMask = seconds;
  }

  void round(BenchRound.Figures round, OperationFloor floor, MaskSpeed perMask) {
    points.add(new Point(round, floor, perMask));
  }

  /** Flower's seconds for what the last round was: one client's part, and the unmasking. */
  void flowerRound(double clientSeconds, double unmaskSeconds) {
    points.get(points.size() - 1).flower = new double[] {clientSeconds, unmaskSeconds};
  }

  void heap(CoordinatorHeap.Figures one) {
    heaps.add(one);
  }

  private static double millis(double seconds) {
    return seconds * 1e3;
  }

  private double unmaskFloor(Point point) {
    return point.round.masks() * point.mask.floor() / threads;
  }

  private static double clientSeconds(Point point) {
    return point.round.clientSeconds() / point.round.clients();
  }

  private static double unmaskSeconds(Point point) {
    return point.round.recoverSeconds() + point.round.unmaskSeconds();
  }

  /** How many vectors more the coordinator holds for the most clients than for the fewest. */
  private static double growth(CoordinatorHeap.Figures few, CoordinatorHeap.Figures many) {
    return (many.vectors() - few.vectors()) / (4.0 * many.length());
  }

  List<String> lines() {
    List<String> lines = new ArrayList<>();
    add(
        lines,
        "JDK %s, %d threads; processor time unless it says clock",
        Runtime.version(),
        threads);
    if (mask != null) {
      add(
          lines,
          "one mask, d = %,d: %.4f ms, raw AES-256-CTR and add %.4f ms: %.2f times (goal %s)",
          mask.length(),
          millis(mask.seconds()),
          millis(mask.floor()),
          mask.ratio(),
          MASK_GOAL);
      if (flower != null) {
        add(
            lines,
            "  Flower %.4f ms: %.1f times ours (%s)",
            millis(flowerMask),
            flowerMask / mask.seconds(),
            flower);
      }
    }
    points.forEach(point -> lines(lines, point));
    for (CoordinatorHeap.Figures heap : heaps) {
      add(
          lines,
          "coordinator alone, n = %,d, d = %,d: %.2f MiB of heap for vectors, %.1f MiB for keys, shares"
              + " and signatures; %.1f MiB of relayed key material on disk",
          heap.clients(),
          heap.length(),
          mebi(heap.vectors()),
          mebi(heap.keys()),
          mebi(heap.relayed()));
    }
    if (heaps.size() > 1) {
      CoordinatorHeap.Figures few = heaps.get(0);
      CoordinatorHeap.Figures many = heaps.get(heaps.size() - 1);
      add(
          lines,
          "  from n = %,d to n = %,d the heap for vectors grows by %.2f vectors (goal: under %d)",
          few.clients(),
          many.clients(),
          growth(few, many),
          HEAP_GOAL);
    }
    return lines;
  }

  private void lines(List<String> lines, Point point) {
    BenchRound.Figures round = point.round;
    add(
        lines,
        "%nn = %,d, d = %,d, %,d lost: a client %.1f ms, the coordinator %.1f ms, the round %.0f ms by the clock",
        round.clients(),
        round.length(),
        round.lost(),
        millis(clientSeconds(point)),
        millis(round.coordinatorSeconds()),
        millis(round.wallSeconds()));
    add(
        lines,
        "  all ends %.0f ms, their X25519, signatures and masks alone %.0f ms: %.2f times (goal %s"
            + " at n = 100, d = 100,000, 10 lost)",
        millis(round.cpuSeconds()),
        millis(point.floor.seconds()),
        round.cpuSeconds() / point.floor.seconds(),
        ROUND_GOAL);
    add(
        lines,
        "  %,d masks off: %.2f ms by the clock, floor / threads %.2f ms: %.2f times (goal %s);"
            + " by processor time %.2f times; secrets recovered in %.1f ms",
        round.masks(),
        millis(round.unmaskWallSeconds()),
        millis(unmaskFloor(point)),
        round.unmaskWallSeconds() / unmaskFloor(point),
        UNMASK_GOAL,
        round.unmaskSeconds() / (unmaskFloor(point) * threads),
        millis(round.recoverSeconds()));
    StringBuilder bytes = new StringBuilder("  kB up / down:");
    for (StepReport step : round.steps()) {
      bytes.append(
          String.format(
              Locale.ROOT,
              " %s %,.1f / %,.1f,",
              step.name(),
              step.bytesUp() / 1e3,
              step.bytesDown() / 1e3));
    }
    lines.add(bytes.substring(0, bytes.length() - 1));
    add(lines, "  peak heap %.0f MiB, clients and garbage included", mebi(round.peakHeap()));
    if (point.flower != null) {
      add(
          lines,
          "  Flower: a client %.1f ms, %.1f times ours; unmasking %.1f ms, %.1f times ours (%.1f ms)",
          millis(point.flower[0]),
          point.flower[0] / clientSeconds(point),
          millis(point.flower[1]),
          point.flower[1] / unmaskSeconds(point),
          millis(unmaskSeconds(point)));
    }
  }

  private static void add(List<String> lines, String pattern, Object... values) {
    lines.addAll(String.format(Locale.ROOT, pattern, values).lines().toList());
  }

  private static double mebi(long bytes) {
    return bytes / 1048576.0;
  }

  /** The same as a document; seconds and bytes. */
  ObjectNode json() {
    ObjectNode document = new ObjectMapper().createObjectNode();
    document.put("jdk", Runtime.version().toString());
    document.put("threads", threads);
    if (mask != null) {
      ObjectNode node = document.putObject("mask");
      node.put("length", mask.length());
      node.put("seconds", mask.seconds());
      node.put("floorSeconds", mask.floor());
      node.put("ratio", mask.ratio());
      node.put("goal", MASK_GOAL);
    }
    if (mask != null && flower != null) {
      ObjectNode node = document.putObject("flower");
      node.put("versions", flower);
      node.put("maskSeconds", flowerMask);
      node.put("maskRatio", flowerMask / mask.seconds());
    }
    ArrayNode rounds = document.putArray("rounds");
    points.forEach(point -> json(rounds.addObject(), point));
    ArrayNode alone = document.putArray("coordinatorHeap");
    for (CoordinatorHeap.Figures heap : heaps) {
      ObjectNode node = alone.addObject();
      node.put("clients", heap.clients());
      node.put("length", heap.length());
      node.put("vectorBytes", heap.vectors());
      node.put("keyBytes", heap.keys());
      node.put("relayedBytes", heap.relayed());
    }
    if (heaps.size() > 1) {
      document.put("heapGrowthInVectors", growth(heaps.get(0), heaps.get(heaps.size() - 1)));
      document.put("heapGrowthGoal", HEAP_GOAL);
    }
    return document;
  }

  private void json(ObjectNode node, Point point) {
    BenchRound.Figures round = point.round;
    node.put("clients", round.clients());
    node.put("length", round.length());
    node.put("lost", round.lost());
    node.put("wallSeconds", round.wallSeconds());
    node.put("clientSeconds", clientSeconds(point));
    node.put("coordinatorSeconds", round.coordinatorSeconds());
    node.put("cpuSeconds", round.cpuSeconds());
    node.put("floorSeconds", point.floor.seconds());
    node.put("ratio", round.cpuSeconds() / point.floor.seconds());
    node.put("goal", ROUND_GOAL);
    node.put("recoverSeconds", round.recoverSeconds());
    node.put("masks", round.masks());
    node.put("unmaskSeconds", round.unmaskSeconds());
    node.put("unmaskWallSeconds", round.unmaskWallSeconds());
    node.put("unmaskFloorSeconds", unmaskFloor(point));
    node.put("unmaskRatio", round.unmaskWallSeconds() / unmaskFloor(point));
    node.put("unmaskGoal", UNMASK_GOAL);
    node.put("peakHeapBytes", round.peakHeap());
    ObjectNode steps = node.putObject("bytesByStep");
    for (StepReport step : round.steps()) {
      ObjectNode each = steps.putObject(step.name());
      each.put("up", step.bytesUp());
      each.put("down", step.bytesDown());
    }
    if (point.flower != null) {
      ObjectNode each = node.putObject("flower");
      each.put("clientSeconds", point.flower[0]);
      each.put("clientRatio", point.flower[0] / clientSeconds(point));
      each.put("unmaskSeconds", point.flower[1]);
      each.put("unmaskRatio", point.flower[1] / unmaskSeconds(point));
    }
  }
}
