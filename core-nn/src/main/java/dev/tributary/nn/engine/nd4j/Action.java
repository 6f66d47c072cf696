package dev.tributary.nn.engine.nd4j;

/** One entry in the list of a program: a native operation, or a little work on the heap. */
interface Action {
  void run(Pass pass);

  /** Frees what it holds outside the heap. */
  default void close() {}
}
