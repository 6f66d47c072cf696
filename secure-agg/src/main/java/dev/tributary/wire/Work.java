package dev.tributary.wire;

/**
 * A job for a worker thread. It touches nothing of its machine that the machine may change
 * meanwhile: either it is pure, or it works on objects that it alone holds or that guard
 * themselves.
 */
@FunctionalInterface
public interface Work {

  /** Returns the result that {@link Event.Ran} carries back. */
  Object run() throws Exception;
}
