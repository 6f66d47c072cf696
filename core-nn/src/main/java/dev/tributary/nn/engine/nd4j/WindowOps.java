package dev.tributary.nn.engine.nd4j;

import dev.tributary.nn.Layer;
import dev.tributary.nn.Padding;
import dev.tributary.nn.Size;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Convolution and pooling of pictures [batch, height, width, channels]. */
final class WindowOps {
  private WindowOps() {}

  /** The settings of a window, and the two that follow them. */
  private static int[] settings(Size kernel, Size strides, Padding padding, int next, int last) {
    return new int[] {
      kernel.height(),
      kernel.width(),
      strides.height(),
      strides.width(),
      0,
      0,
      1,
      1,
      padding == Padding.SAME ? 1 : 0,
      next,
      last
    };
  }

  /** Of one group. */
  static void convolution(Tape tape, Flow input, Flow output, Layer.Conv2d conv, int offset) {
    int[] settings = settings(conv.kernelSize(), conv.strides(), conv.padding(), 1, 0);
    record(tape, input, output, "conv2d", settings, input.shape[2], offset);
  }

  static void transposed(
      Tape tape, Flow input, Flow output, Layer.Conv2dTranspose conv, int offset) {
    int[] settings = settings(conv.kernelSize(), conv.strides(), conv.padding(), 1, 0);
    record(tape, input, output, "deconv2d", settings, output.shape[2], offset);
  }

  /** Weights are [height, width, third, the other channels], as both operations have them. */
  private static void record(
      Tape tape, Flow input, Flow output, String name, int[] settings, int third, int offset) {
    int filters = output.shape[2];
    int fourth = input.shape[2] + filters - third;
    long[] in = Flow.batched(tape.batchSize, input.shape);
    long[] out = Flow.batched(tape.batchSize, output.shape);
    long[] weight = {settings[0], settings[1], third, fourth};
    int bias = offset + settings[0] * settings[1] * third * fourth;
    tape.forward(
        () ->
            Operation.windowed(
                name,
                settings,
                new INDArray[] {output.values(out)},
                input.values(in),
                tape.parameters.view(offset, weight),
                tape.parameters.view(bias, filters)));
    // The operation always makes the gradient of its input; that of the features goes nowhere.
    FloatArray nowhere =
        input.differentiable ? input.gradients : tape.scratch(0, tape.inAll(input.width()));
    tape.backward(
        List.of(
            () ->
                Operation.windowed(
                    name + "_bp",
                    settings,
                    new INDArray[] {
                      nowhere.view(0, in),
                      tape.gradients.view(offset, weight),
                      tape.gradients.view(bias, filters)
                    },
                    input.values(in),
                    tape.parameters.view(offset, weight),
                    tape.parameters.view(bias, filters),
                    output.gradient(out))));
  }

  /**
   * Pooling.
   *
   * @param name {@code maxpool2d} or {@code avgpool2d}
   */
  static void pooling(
      Tape tape, String name, Flow input, Flow output, Size pool, Size strides, Padding padding) {
    // The number before the layout: of averages, 0 leaves padding out of the count.
    int[] settings = settings(pool, strides, padding, 0, 1);
    long[] in = Flow.batched(tape.batchSize, input.shape);
    long[] out = Flow.batched(tape.batchSize, output.shape);
    tape.forward(
        () ->
            Operation.windowed(
                name, settings, new INDArray[] {output.values(out)}, input.values(in)));
    if (input.differentiable) {
      tape.backward(
          List.of(
              () ->
                  Operation.windowed(
                      name + "_bp",
                      settings,
                      new INDArray[] {input.gradient(in)},
                      input.values(in),
                      output.gradient(out))));
    }
  }
}
