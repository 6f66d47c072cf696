package dev.tributary.client.round;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a client's half of a strategy remembers from one of its rounds to the next (the control
 * variate of SCAFFOLD, the tensors that stay in FedBN): on this machine alone, and of its data, so
 * it is to be kept as that is.
 */
public interface LocalMemory {
  /** What was kept last for the task; empty if nothing. */
  float[] recall(String task);

  /** Keeps it in place of what was there. */
  void keep(String task, float[] values);

  /** Of this object alone. */
  static LocalMemory inMemory() {
    Map<String, float[]> kept = new ConcurrentHashMap<>();
    return new LocalMemory() {
      @Override
      public float[] recall(String task) {
        return kept.getOrDefault(task, new float[0]).clone();
      }

      @Override
      public void keep(String task, float[] values) {
        kept.put(task, values.clone());
      }
    };
  }
}
