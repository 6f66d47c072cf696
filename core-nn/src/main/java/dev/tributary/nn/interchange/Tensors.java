package dev.tributary.nn.interchange;

import dev.tributary.nn.Layout;
import dev.tributary.nn.ModelFile;
import dev.tributary.nn.ModelSpec;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Named float32 arrays, row-major, in an order. Immutable. */
public final class Tensors {
  private static final int MAXIMUM_RANK = 8;

  private final Map<String, Entry> entries;

  @SuppressWarnings("ArrayRecordComponent") // never leaves this package, never compared
  record Entry(int[] shape, float[] values) {}

  private Tensors(Map<String, Entry> entries) {
    this.entries = entries;
  }

  /** None yet; {@link #with} adds. */
  public static Tensors none() {
    return new Tensors(Map.of());
  }

  /** The tensors of a model by the names of its layout, such as {@code layers.1.weight}. */
  public static Tensors of(ModelFile model) {
    float[] parameters = model.parameters();
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (Layout.Tensor tensor : model.spec().layout().tensors()) {
      entries.put(
          tensor.name(),
          new Entry(
              tensor.shape(),
              Arrays.copyOfRange(parameters, tensor.offset(), tensor.offset() + tensor.length())));
    }
    return new Tensors(entries);
  }

  /**
   * These and one more, which replaces one of its name.
   *
   * @param values float32, as many as the shape says; copied
   * @throws InterchangeException if they are more or fewer
   */
  public Tensors with(String name, int[] shape, float... values) {
    if (length(name, shape) != values.length) {
      throw new InterchangeException(
          name + Arrays.toString(shape) + ": " + values.length + " values came");
    }
    return with(name, new Entry(shape.clone(), values.clone()));
  }

  private Tensors with(String name, Entry entry) {
    Map<String, Entry> more = new LinkedHashMap<>(entries);
    more.put(name, entry);
    return new Tensors(more);
  }

  static Tensors owned(Map<String, Entry> entries) {
    return new Tensors(entries);
  }

  Map<String, Entry> entries() {
    return entries;
  }

  /** The names in order. */
  public Set<String> names() {
    return Collections.unmodifiableSet(entries.keySet());
  }

  /** Dimensions, slowest first; none for a single number. */
  public int[] shape(String name) {
    return entry(name).shape.clone();
  }

  /** float32, row-major; a copy. */
  public float[] values(String name) {
    return entry(name).values.clone();
  }

  private Entry entry(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new InterchangeException(
          "there is no tensor \"" + name + "\"; there are " + entries.keySet());
    }
    return entry;
  }

  /** The same with one under another name, at its place. */
  public Tensors renamed(String from, String to) {
    entry(from);
    if (!from.equals(to) && entries.containsKey(to)) {
      throw new InterchangeException("there is a tensor \"" + to + "\" already");
    }
    Map<String, Entry> renamed = new LinkedHashMap<>();
    entries.forEach((name, entry) -> renamed.put(name.equals(from) ? to : name, entry));
    return new Tensors(renamed);
  }

  /**
   * The same with the dimensions of one in another order, as {@code numpy.transpose}: PyTorch keeps
   * a dense weight as [outputs, inputs], a convolution's as [out, in, height, width], Tributary as
   * [inputs, outputs] (axes 1, 0) and [height, width, in, out] (axes 2, 3, 1, 0).
   *
   * @param axes dimension {@code i} of the result is dimension {@code axes[i]} of the tensor
   */
  public Tensors transposed(String name, int... axes) {
    Entry entry = entry(name);
    int rank = entry.shape.length;
    int[] sorted = axes.clone();
    Arrays.sort(sorted);
    for (int i = 0; i < Math.max(rank, axes.length); i++) {
      if (rank != axes.length || sorted[i] != i) {
        throw new InterchangeException(
            name
                + Arrays.toString(entry.shape)
                + ": axes must be an order of its dimensions, are "
                + Arrays.toString(axes));
      }
    }
    int[] shape = new int[rank];
    int[] stride = new int[rank];
    for (int i = 0; i < rank; i++) {
      shape[i] = entry.shape[axes[i]];
      stride[i] = 1;
      for (int j = axes[i] + 1; j < rank; j++) {
        stride[i] *= entry.shape[j];
      }
    }
    return with(name, new Entry(shape, strided(entry.values, shape, stride)));
  }

  /** Row-major values of an array of that shape whose dimensions lie {@code stride} apart. */
  static float[] strided(float[] values, int[] shape, int[] stride) {
    float[] result = new float[values.length];
    int[] index = new int[shape.length];
    for (int i = 0; i < result.length; i++) {
      int at = 0;
      for (int d = 0; d < shape.length; d++) {
        at += index[d] * stride[d];
      }
      result[i] = values[at];
      for (int d = shape.length - 1; d >= 0 && ++index[d] == shape[d]; d--) {
        index[d] = 0;
      }
    }
    return result;
  }

  /**
   * A model of these values.
   *
   * @throws InterchangeException that names every tensor that is missing or too many, or the first
   *     whose shape is not the layout's
   */
  public ModelFile model(ModelSpec spec) {
    Set<String> missing = new TreeSet<>();
    spec.layout().tensors().forEach(tensor -> missing.add(tensor.name()));
    Set<String> surplus = new TreeSet<>(entries.keySet());
    surplus.removeAll(missing);
    missing.removeAll(entries.keySet());
    if (!missing.isEmpty() || !surplus.isEmpty()) {
      throw new InterchangeException(
          "the tensors are not the model's: missing " + missing + ", too many " + surplus);
    }
    float[] parameters = new float[spec.layout().size()];
    for (Layout.Tensor tensor : spec.layout().tensors()) {
      Entry entry = entry(tensor.name());
      if (!Arrays.equals(tensor.shape(), entry.shape)) {
        throw new InterchangeException(
            tensor.name()
                + ": the model has shape "
                + Arrays.toString(tensor.shape())
                + ", came "
                + Arrays.toString(entry.shape));
      }
      System.arraycopy(entry.values, 0, parameters, tensor.offset(), tensor.length());
    }
    return ModelFile.of(spec, parameters);
  }

  /** Number of values of a shape, refused before anything of that size is allocated. */
  static int length(String name, int[] shape) {
    if (shape.length > MAXIMUM_RANK) {
      throw new InterchangeException(
          name + ": at most " + MAXIMUM_RANK + " dimensions, came " + shape.length);
    }
    long product = 1;
    for (int dimension : shape) {
      if (dimension < 0) {
        throw new InterchangeException(name + Arrays.toString(shape) + ": a dimension is negative");
      }
      product *= dimension;
      if (product > ModelSpec.MAXIMUM_SIZE) {
        throw new InterchangeException(
            name + Arrays.toString(shape) + ": more than " + ModelSpec.MAXIMUM_SIZE + " values");
      }
    }
    return (int) product;
  }

  /** Names and shapes. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    entries.forEach(
        (name, entry) ->
            text.append(text.isEmpty() ? "" : ", ")
                .append(name)
                .append(Arrays.toString(entry.shape)));
    return text.toString();
  }
}
