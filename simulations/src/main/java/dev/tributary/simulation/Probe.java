package dev.tributary.simulation;

import dev.tributary.client.Trainer;
import dev.tributary.nn.ModelFile;
import java.util.function.Supplier;

/**
 * What an audit puts into an experiment and what it is shown of it. It can take the place of a
 * client's trainer, as any partner may, and of nothing else: rounds, encoding, noise and sums are
 * those of every simulation.
 */
public interface Probe {
  /**
   * The trainer of a client; in the fast form it is asked for anew in each of its rounds.
   *
   * @param own the one that trains on the client's rows
   */
  default Trainer trainer(int client, Trainer own) {
    return own;
  }

  /** A round has released a model; on the training's own thread, in the order of rounds. */
  default void released(int round, Supplier<ModelFile> model) {}

  /** Changes nothing and looks at nothing. */
  static Probe none() {
    return new Probe() {};
  }
}
