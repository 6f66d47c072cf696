package dev.tributary.client;

import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.time.Clock;
import java.time.LocalTime;
import java.time.ZoneId;

/**
 * When this machine may take part. Asked before each check-in and before each round; while the
 * answer is no, the client asks nobody for anything and sends nothing. An app that knows better
 * than the JVM, as a phone app does, gives its own.
 */
@FunctionalInterface
public interface Eligibility {
  /** Whether this machine may train now. Quick, and callable from any thread. */
  boolean mayTrain();

  /** Only while both say yes. */
  default Eligibility and(Eligibility other) {
    return () -> mayTrain() && other.mayTrain();
  }

  /** While one of the two says yes. */
  default Eligibility or(Eligibility other) {
    return () -> mayTrain() || other.mayTrain();
  }

  /** At any time. */
  static Eligibility always() {
    return () -> true;
  }

  /**
   * Not while a battery is being emptied, as Linux tells it; a machine that does not tell counts as
   * plugged in.
   */
  static Eligibility charging() {
    return Power.ofThisMachine()::charging;
  }

  /**
   * Only with this much memory left, of the JVM's heap and, where Linux tells it, of the machine.
   *
   * @param bytes that a training may need
   */
  static Eligibility freeMemory(long bytes) {
    return () -> FreeMemory.ofThisMachine().bytes() >= bytes;
  }

  /**
   * Only while the machine has little else to do: fewer than one running thread on two processors,
   * over the last minute. A machine that does not tell counts as idle.
   */
  static Eligibility idle() {
    return () -> {
      OperatingSystemMXBean machine = ManagementFactory.getOperatingSystemMXBean();
      return machine.getSystemLoadAverage() * 2 < machine.getAvailableProcessors();
    };
  }

  /**
   * Only from one time of the day to another, of this machine's time zone; past midnight where the
   * first is the later one.
   */
  static Eligibility between(LocalTime from, LocalTime to) {
    return between(from, to, Clock.system(ZoneId.systemDefault()));
  }

  /** The same by another clock, whose time zone counts. */
  static Eligibility between(LocalTime from, LocalTime to, Clock clock) {
    return () -> {
      LocalTime now = LocalTime.now(clock);
      boolean begun = !now.isBefore(from);
      boolean notOver = now.isBefore(to);
      return from.isBefore(to) ? begun && notOver : begun || notOver;
    };
  }

  /** Not while every network in use is a mobile one, judged by the names of the interfaces. */
  static Eligibility unmeteredNetwork() {
    return Network::unmetered;
  }
}
