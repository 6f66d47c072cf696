package dev.tributary.coordinator.store;

/** What a store waits for before it calls something written. */
public enum Durability {
  /** The disk: what was acknowledged survives a crash of process and machine. */
  DISK,
  /**
   * Nothing: for simulations, which a crash merely makes run again with the same result. A crash of
   * the process alone still loses nothing.
   */
  MEMORY
}
