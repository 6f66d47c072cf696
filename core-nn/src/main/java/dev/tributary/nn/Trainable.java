package dev.tributary.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The part of a model that training may change; the rest is frozen and never travels. An update is
 * float32[{@link #size}]: the trainable tensors in the order of the layout, without gaps.
 */
public final class Trainable {
  private final List<Layout.Tensor> tensors;
  private final int size;
  private final boolean all;

  /**
   * Picks tensors by name.
   *
   * @param patterns a name each, in which {@code *} stands for any characters; none: every tensor
   * @throws ModelSpecException for a pattern that no name fits
   */
  Trainable(Layout layout, List<String> patterns) {
    List<Layout.Tensor> picked = new ArrayList<>();
    for (String pattern : patterns) {
      if (layout.tensors().stream().noneMatch(tensor -> fits(pattern, tensor.name()))) {
        throw new ModelSpecException(
            "trainable: no tensor is called \""
                + pattern
                + "\"; there are "
                + layout.tensors().stream().map(Layout.Tensor::name).toList());
      }
    }
    for (Layout.Tensor tensor : layout.tensors()) {
      if (patterns.isEmpty()
          || patterns.stream().anyMatch(pattern -> fits(pattern, tensor.name()))) {
        picked.add(tensor);
      }
    }
    this.tensors = List.copyOf(picked);
    this.size = picked.stream().mapToInt(Layout.Tensor::length).sum();
    this.all = size == layout.size();
  }

  /** Each part between stars at its first place: a pattern of a stranger costs no more. */
  private static boolean fits(String pattern, String name) {
    String[] parts = pattern.split("\\*", -1);
    if (parts.length == 1) {
      return name.equals(pattern);
    }
    if (!name.startsWith(parts[0])) {
      return false;
    }
    int at = parts[0].length();
    for (int i = 1; i < parts.length - 1; i++) {
      int found = name.indexOf(parts[i], at);
      if (found < 0) {
        return false;
      }
      at = found + parts[i].length();
    }
    String last = parts[parts.length - 1];
    return name.length() - at >= last.length() && name.endsWith(last);
  }

  /** The tensors that may change, by ascending offset. */
  public List<Layout.Tensor> tensors() {
    return tensors;
  }

  /** Length of an update. */
  public int size() {
    return size;
  }

  /** Whether nothing is frozen, so that an update is as long as the model. */
  public boolean isAll() {
    return all;
  }

  /** The tensors of both. */
  Trainable and(Trainable other, Layout layout) {
    List<String> names = new ArrayList<>();
    tensors.forEach(tensor -> names.add(tensor.name()));
    other.tensors.forEach(tensor -> names.add(tensor.name()));
    return new Trainable(layout, names);
  }

  boolean has(String name) {
    return tensors.stream().anyMatch(tensor -> tensor.name().equals(name));
  }

  /** Sets the gradient of everything frozen to 0. */
  void keep(float[] gradient) {
    if (!all) {
      int begin = 0;
      for (int[] run : runsWithout(List.of())) {
        Arrays.fill(gradient, begin, run[0], 0f);
        begin = run[1];
      }
      Arrays.fill(gradient, begin, gradient.length, 0f);
    }
  }

  /** The trainable intervals [from, to) of the whole model, but for those tensors; in order. */
  List<int[]> runsWithout(List<Layout.Tensor> others) {
    List<int[]> runs = new ArrayList<>();
    for (Layout.Tensor tensor : tensors) {
      int from = tensor.offset();
      int to = from + tensor.length();
      int[] last = runs.isEmpty() ? new int[] {0, -1} : runs.get(runs.size() - 1);
      if (others.stream().noneMatch(other -> other.offset() == from)) {
        if (last[1] == from) {
          last[1] = to;
        } else {
          runs.add(new int[] {from, to});
        }
      }
    }
    return runs;
  }

  /** The trainable numbers of a whole model, float32[{@link #size}]. */
  public float[] gather(float[] parameters) {
    float[] part = new float[size];
    gather(parameters, part);
    return part;
  }

  /**
   * As {@link #gather(float[])}, into an array that is there.
   *
   * @param parameters float32[d]
   * @param part float32[{@link #size}], overwritten
   */
  public void gather(float[] parameters, float[] part) {
    int at = 0;
    for (Layout.Tensor tensor : tensors) {
      System.arraycopy(parameters, tensor.offset(), part, at, tensor.length());
      at += tensor.length();
    }
  }

  /**
   * Puts trainable numbers back where they lie in the whole model; frozen ones stay.
   *
   * @param part float32[{@link #size}]
   * @param parameters float32[d], changed
   */
  public void scatter(float[] part, float[] parameters) {
    int at = 0;
    for (Layout.Tensor tensor : tensors) {
      System.arraycopy(part, at, parameters, tensor.offset(), tensor.length());
      at += tensor.length();
    }
  }

  /** Takes a stretch of an update. */
  @FunctionalInterface
  public interface Run {
    /**
     * A stretch without gaps.
     *
     * @param at where it begins in the update
     * @param offset where it begins in the whole model
     */
    void of(int at, int offset, int length);
  }

  /** Where elements [from, to) of an update lie in the whole model, in order. */
  public void locate(int from, int to, Run run) {
    int at = 0;
    for (Layout.Tensor tensor : tensors) {
      int begin = Math.max(from, at);
      int end = Math.min(to, at + tensor.length());
      if (begin < end) {
        run.of(begin, tensor.offset() + begin - at, end - begin);
      }
      at += tensor.length();
    }
  }

  /** Adds float32[{@link #size}] to where the trainable numbers lie in float32[d]. */
  void add(float[] part, float[] whole) {
    int at = 0;
    for (Layout.Tensor tensor : tensors) {
      for (int i = 0; i < tensor.length(); i++) {
        whole[tensor.offset() + i] += part[at + i];
      }
      at += tensor.length();
    }
  }

  @Override
  public String toString() {
    return size + " floats " + tensors;
  }
}
