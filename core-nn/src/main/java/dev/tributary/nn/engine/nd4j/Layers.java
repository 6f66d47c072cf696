package dev.tributary.nn.engine.nd4j;

import dev.tributary.nn.Activation;
import dev.tributary.nn.Layer;
import dev.tributary.nn.ModelSpec;
import dev.tributary.nn.Padding;
import dev.tributary.nn.Size;
import dev.tributary.nn.Weight;
import dev.tributary.nn.engine.DropoutMask;
import dev.tributary.nn.engine.OutputLoss;
import java.util.List;

/** Records the layers of a model on a tape. */
final class Layers {
  private final Tape tape;
  private int offset;
  private int dropouts;
  private boolean padded;
  private String place = "";

  private Layers(Tape tape) {
    this.tape = tape;
  }

  /** Records all layers; what the loss looks at. */
  static Flow record(Tape tape, ModelSpec model, FloatArray features) {
    Layers layers = new Layers(tape);
    Flow flow = new Flow(features, features, model.inputShape(), false);
    for (int i = 0; i < model.layers().size(); i++) {
      Layer layer = model.layers().get(i);
      boolean fused =
          i == model.layers().size() - 1 && OutputLoss.activation(model) == layer.activation();
      layers.place = "layer " + i + " (" + layer.kind() + ")";
      flow = layers.add(layer, fused ? Activation.LINEAR : layer.activation(), flow);
    }
    return flow;
  }

  private Flow way(List<Layer> way, Flow from) {
    Flow flow = from;
    for (Layer layer : way) {
      flow = add(layer, layer.activation(), flow);
    }
    return flow;
  }

  private Flow add(Layer layer, Activation activation, Flow input) {
    if (layer instanceof Layer.Residual residual) {
      return residual(residual, input);
    }
    Flow output = layer(layer, input);
    for (Weight weight : layer.weights(input.shape)) {
      offset += Flow.length(weight.shape());
    }
    if (activation == Activation.LINEAR) {
      return output;
    }
    Flow activated = tape.flow(output.shape, output.differentiable);
    ActivationOps.record(tape, activation, output, activated);
    return activated;
  }

  private Flow layer(Layer layer, Flow input) {
    int[] shape = layer.outputShape(input.shape);
    if (layer instanceof Layer.Flatten
        || layer instanceof Layer.Rescaling
        || layer instanceof Layer.Activated) {
      return input.reshaped(shape);
    }
    boolean parameters = !layer.weights(input.shape).isEmpty();
    Flow output = tape.flow(shape, parameters || input.differentiable);
    int channels = input.shape[input.shape.length - 1];
    int positions = input.width() / channels;
    if (layer instanceof Layer.Dense) {
      DenseOps.record(tape, input, output, positions, offset);
    } else if (layer instanceof Layer.Conv2d conv) {
      WindowOps.convolution(tape, input, output, conv, offset);
    } else if (layer instanceof Layer.Conv2dTranspose conv) {
      WindowOps.transposed(tape, input, output, conv, offset);
    } else if (layer instanceof Layer.MaxPooling2d pool) {
      WindowOps.pooling(
          tape, "maxpool2d", input, output, pool.poolSize(), pool.strides(), pool.padding());
    } else if (layer instanceof Layer.AveragePooling2d pool) {
      WindowOps.pooling(
          tape, "avgpool2d", input, output, pool.poolSize(), pool.strides(), pool.padding());
    } else if (layer instanceof Layer.GlobalAveragePooling2d) {
      Size whole = new Size(input.shape[0], input.shape[1]);
      Flow picture = output.reshaped(new int[] {1, 1, channels});
      WindowOps.pooling(tape, "avgpool2d", input, picture, whole, whole, Padding.VALID);
    } else if (layer instanceof Layer.Dropout dropout) {
      DropoutOps.record(tape, input, output, new DropoutMask(dropouts++, dropout.rate()));
    } else if (layer instanceof Layer.LayerNormalization norm) {
      new GroupNormOps(tape, input, output, positions, 1, 1, offset).record(norm.epsilon());
    } else if (layer instanceof Layer.GroupNormalization norm) {
      new GroupNormOps(tape, input, output, 1, positions, norm.groups(), offset)
          .record(norm.epsilon());
    } else if (layer instanceof Layer.BatchNormalization norm) {
      new BatchNormOps(tape, input, output, offset).record(norm);
    } else {
      sequence(layer, input, output);
    }
    return output;
  }

  private void sequence(Layer layer, Flow input, Flow output) {
    if (layer instanceof Layer.Embedding embedding) {
      int tokens = embedding.inputDim();
      new EmbeddingOps(place, input.width(), tokens, embedding.outputDim(), offset)
          .record(tape, output);
      padded = embedding.maskZero();
    } else if (layer instanceof Layer.PositionalEncoding encoding) {
      PositionOps.record(tape, input, output, encoding, offset);
    } else if (layer instanceof Layer.MultiHeadAttention attention) {
      AttentionMask mask = new AttentionMask(input.shape[0], attention.causal(), padded);
      new AttentionOps(tape, input, output, attention.numHeads()).record(mask, offset);
    } else if (layer instanceof Layer.SimpleRnn) {
      new SimpleRnnOps(tape, input, output, offset).record();
    } else if (layer instanceof Layer.Lstm) {
      new LstmOps(tape, input, output, offset).record();
    } else if (layer instanceof Layer.Gru) {
      new GruOps(tape, input, output, offset).record();
    } else {
      throw new IllegalStateException(layer.kind());
    }
  }

  /** Two ways from one flow, and their sum: of its gradient each way has one of its own. */
  private Flow residual(Layer.Residual residual, Flow input) {
    int count = tape.batchSize * input.width();
    Flow first = branch(input);
    Flow second = branch(input);
    if (input.differentiable) {
      tape.backward(
          List.of(
              () ->
                  Operation.add(
                      input.gradient(count), first.gradient(count), second.gradient(count))));
    }
    Flow body = way(residual.layers(), first);
    Flow beside = way(residual.shortcut(), second);
    Flow sum = tape.flow(body.shape, body.differentiable || beside.differentiable);
    int sums = tape.batchSize * sum.width();
    tape.forward(() -> Operation.add(sum.values(sums), body.values(sums), beside.values(sums)));
    for (Flow way : List.of(body, beside)) {
      if (way.differentiable) {
        tape.backward(List.of(() -> Operation.copy(way.gradient(sums), sum.gradient(sums))));
      }
    }
    return sum;
  }

  private Flow branch(Flow of) {
    FloatArray gradients = of.differentiable ? tape.array(tape.inAll(of.width())) : of.gradients;
    return new Flow(of.values, gradients, of.shape, of.differentiable);
  }
}
