package dev.tributary.simulation;

import dev.tributary.client.round.ModelSource;
import dev.tributary.nn.ModelFile;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Hands out what the clients of a round start from, a model and a control variate, each read from
 * the store once; every client gets its own copy, checks it, and shares the model that is read from
 * the first one.
 */
final class LastModel implements ModelSource {
  private final Function<String, byte[]> store;

  private final Map<String, byte[]> last = new Two<>();
  private final Map<String, ModelFile> opened = new Two<>();

  /** The two that were asked for last. */
  private static final class Two<T> extends LinkedHashMap<String, T> {
    private static final long serialVersionUID = 1L;

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, T> eldest) {
      return size() > 2;
    }
  }

  LastModel(Function<String, byte[]> store) {
    this.store = store;
  }

  @Override
  public synchronized byte[] get(String wanted, long length) {
    return last.computeIfAbsent(wanted, store).clone();
  }

  @Override
  public synchronized ModelFile open(String digest, byte[] checked) {
    return opened.computeIfAbsent(digest, first -> ModelFile.parse(checked));
  }
}
