package dev.tributary.wire;

import java.time.Instant;
import java.util.List;

/**
 * Everything that talks. A machine is deterministic: no I/O, no clock, no thread of its own. Given
 * the same events at the same times it returns the same effects, which is what makes a simulation
 * the deployed code and a log a recovery.
 *
 * <p>A machine is confined to one thread at a time; the shell that owns it sees to that.
 */
public interface Machine {

  /** The address of the coordinator; members have addresses from 0. */
  int COORDINATOR = -1;

  /**
   * Takes one event.
   *
   * @param now the shell's time
   * @return effects, to be carried out in this order
   */
  List<Effect> on(Instant now, Event event);
}
