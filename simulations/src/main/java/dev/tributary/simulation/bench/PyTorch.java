package dev.tributary.simulation.bench;

import java.io.IOException;

/** PyTorch, which trains a case when it is asked to. */
record PyTorch(PythonPeer peer) implements AutoCloseable {
  /** Starts it in a Python that has torch. */
  static PyTorch start(String python) throws IOException {
    return new PyTorch(PythonPeer.start(python, "training.py", "PyTorch", "--python"));
  }

  /** What runs, in words. */
  String version() {
    return peer.version();
  }

  double microseconds(String name, double seconds) throws IOException {
    double[] answer = peer.ask(name + " " + seconds, 2);
    return 1e6 * answer[1] / answer[0];
  }

  @Override
  public void close() {
    peer.close();
  }
}
