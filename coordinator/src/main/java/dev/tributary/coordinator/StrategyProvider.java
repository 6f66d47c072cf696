package dev.tributary.coordinator;

import dev.tributary.coordinator.job.Job;
import java.util.Optional;
import java.util.SortedMap;

/**
 * A strategy of one's own, found on the class path by {@link java.util.ServiceLoader}: a job file
 * then writes {@code strategy: {name: {setting: number}}}. It works on the mean of the clients'
 * updates, so it goes with every suite and every mechanism unless {@link #refusal} says otherwise.
 */
public interface StrategyProvider {

  /** The name in job files: small letters, digits and hyphens, and none that is taken. */
  String name();

  /** The settings that a job file may write, with their defaults; NaN where one must be written. */
  SortedMap<String, Double> settings();

  /** Why the strategy does not go with a job; empty if it does. Looked at before a job starts. */
  default Optional<String> refusal(Job job) {
    return Optional.empty();
  }

  /**
   * A strategy before its first round.
   *
   * @param settings as written, or their defaults
   * @param rounds of the job
   * @param length d, parameters that are trained
   */
  Strategy create(SortedMap<String, Double> settings, int rounds, int length);
}
