package dev.tributary.coordinator;

import dev.tributary.coordinator.FrontDoorException.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The jobs of a coordinator by name, in the order in which they came. Written on the loop alone,
 * read by every thread.
 */
final class LiveJobs {
  private volatile Map<String, LiveJob> jobs = Map.of();

  /** Jobs of the store that cannot be run as things are, and why not. */
  private volatile Map<String, String> unavailable = Map.of();

  void add(LiveJob job) {
    jobs = with(jobs, job.name(), job);
  }

  void addUnavailable(String name, String why) {
    unavailable = with(unavailable, name, why);
  }

  /** Lets a job go, which goes on elsewhere. */
  void remove(LiveJob job) {
    Map<String, LiveJob> fewer = new LinkedHashMap<>(jobs);
    fewer.remove(job.name(), job);
    jobs = Collections.unmodifiableMap(fewer);
  }

  /** Whether it is here, running or not. */
  boolean has(String name) {
    return jobs.containsKey(name) || unavailable.containsKey(name);
  }

  private static <V> Map<String, V> with(Map<String, V> map, String name, V value) {
    Map<String, V> more = new LinkedHashMap<>(map);
    more.put(name, value);
    return Collections.unmodifiableMap(more);
  }

  Collection<LiveJob> all() {
    return jobs.values();
  }

  /** Those that cannot be run, as those who administer them see them. */
  List<JobStatus> unavailable() {
    List<JobStatus> all = new ArrayList<>();
    unavailable.forEach((name, why) -> all.add(JobStatus.unavailable(name, why)));
    return all;
  }

  /** The job of that name, if it is here. */
  Optional<LiveJob> named(String name) {
    return Optional.ofNullable(jobs.get(name));
  }

  /** The job of that name, for those who administer it. */
  LiveJob administered(String name) {
    String why = unavailable.get(name);
    if (why != null) {
      throw new FrontDoorException(
          Kind.CONFLICT,
          "job-unavailable",
          "The job " + name + " cannot be run as this coordinator was started: " + why,
          "Start the coordinator as the job needs it.");
    }
    return known(name, "GET /admin/v1/jobs names those that it has.");
  }

  /**
   * The job that a client asks for.
   *
   * @param name null for the only one that is open
   */
  LiveJob asked(@Nullable String name) {
    if (name == null) {
      return only();
    }
    if (unavailable.containsKey(name)) {
      throw new FrontDoorException(
          Kind.BUSY,
          "job-unavailable",
          "The job " + name + " rests.",
          "Ask again later; the coordinator's log says why.");
    }
    return known(name, "Ask the coordinator's operator for the name of the job.");
  }

  private LiveJob known(String name, String action) {
    LiveJob job = jobs.get(name);
    if (job == null) {
      throw new FrontDoorException(
          Kind.NOT_FOUND, "job-unknown", "This coordinator has no job " + name + ".", action);
    }
    return job;
  }

  private LiveJob only() {
    List<LiveJob> all = List.copyOf(jobs.values());
    List<LiveJob> open = all.stream().filter(LiveJob::open).toList();
    List<LiveJob> meant = open.isEmpty() ? all : open;
    if (meant.size() == 1) {
      return meant.get(0);
    }
    throw open.isEmpty() ? noneOpen() : unnamed();
  }

  /** Refuses a client that names no job where there is none. */
  static FrontDoorException noneOpen() {
    return new FrontDoorException(
        Kind.BUSY, "no-job-open", "This coordinator has no job now.", "Ask again later.");
  }

  /** Refuses a client that names no job where there are several. */
  static FrontDoorException unnamed() {
    return new FrontDoorException(
        Kind.FORBIDDEN,
        "job-unnamed",
        "This coordinator has several jobs, and the client names none.",
        "Name one: builder().job(NAME). Ask the coordinator's operator which.");
  }
}
