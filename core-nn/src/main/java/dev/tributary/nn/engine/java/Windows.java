package dev.tributary.nn.engine.java;

import dev.tributary.nn.Padding;
import dev.tributary.nn.Size;
import java.util.Arrays;

/**
 * The windows of a picture [height, width, channels]: which numbers each covers, and the two copies
 * between the picture and a matrix with one row for each window.
 */
final class Windows {
  final int height;
  final int width;
  final int channels;
  final int kernelHeight;
  final int kernelWidth;
  final int strideHeight;
  final int strideWidth;
  final int rows;
  final int columns;
  final int top;
  final int left;

  Windows(int[] picture, Size kernel, Size strides, Padding padding) {
    this.height = picture[0];
    this.width = picture[1];
    this.channels = picture[2];
    this.kernelHeight = kernel.height();
    this.kernelWidth = kernel.width();
    this.strideHeight = strides.height();
    this.strideWidth = strides.width();
    this.rows = padding.outputs(height, kernelHeight, strideHeight);
    this.columns = padding.outputs(width, kernelWidth, strideWidth);
    this.top = padding.before(height, kernelHeight, strideHeight);
    this.left = padding.before(width, kernelWidth, strideWidth);
  }

  /** Windows in a picture. */
  int count() {
    return rows * columns;
  }

  /**
   * The windows of channels {@code [channel, channel + depth)} of the picture at {@code offset}:
   * float32[count, kernel height, kernel width, depth], zeros where a window reaches over the
   * border.
   */
  void gather(float[] picture, int offset, int channel, int depth, float[] into) {
    int rowLength = kernelWidth * depth;
    int at = 0;
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        int x0 = c * strideWidth - left;
        int from = Math.max(0, -x0);
        int to = Math.min(kernelWidth, width - x0);
        for (int i = 0; i < kernelHeight; i++) {
          int y = r * strideHeight - top + i;
          if (y < 0 || y >= height || from >= to) {
            Arrays.fill(into, at, at + rowLength, 0f);
          } else {
            row(
                picture,
                offset + ((y * width + x0) * channels) + channel,
                depth,
                from,
                to,
                into,
                at);
          }
          at += rowLength;
        }
      }
    }
  }

  private void row(float[] picture, int offset, int depth, int from, int to, float[] into, int at) {
    if (from > 0) {
      Arrays.fill(into, at, at + from * depth, 0f);
    }
    if (depth == channels) {
      System.arraycopy(
          picture, offset + from * depth, into, at + from * depth, (to - from) * depth);
    } else {
      for (int j = from; j < to; j++) {
        System.arraycopy(picture, offset + j * channels, into, at + j * depth, depth);
      }
    }
    if (to < kernelWidth) {
      Arrays.fill(into, at + to * depth, at + kernelWidth * depth, 0f);
    }
  }

  /** Adds windows to the channels that {@link #gather} took them from. */
  void scatter(float[] windows, float[] picture, int offset, int channel, int depth) {
    int at = 0;
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        int x0 = c * strideWidth - left;
        int from = Math.max(0, -x0);
        int to = Math.min(kernelWidth, width - x0);
        for (int i = 0; i < kernelHeight; i++) {
          int y = r * strideHeight - top + i;
          if (y >= 0 && y < height) {
            for (int j = from; j < to; j++) {
              int target = offset + (y * width + x0 + j) * channels + channel;
              int source = at + j * depth;
              for (int d = 0; d < depth; d++) {
                picture[target + d] += windows[source + d];
              }
            }
          }
          at += kernelWidth * depth;
        }
      }
    }
  }
}
