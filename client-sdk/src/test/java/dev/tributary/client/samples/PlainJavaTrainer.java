package dev.tributary.client.samples;

import dev.tributary.client.Trainer;
import dev.tributary.client.TrainingRequest;
import dev.tributary.nn.data.Dataset;
import java.util.Random;

/**
 * An app's own trainer without any engine: softmax regression by stochastic gradient descent. The
 * model is one dense layer, so its parameters are a matrix [inputs, classes] and then a bias
 * [classes].
 */
public final class PlainJavaTrainer implements Trainer {
  private final Dataset data;

  public PlainJavaTrainer(Dataset data) {
    this.data = data;
  }

  // tag::trainer[]
  @Override
  public float[] train(TrainingRequest request) {
    float[] start = request.model().parameters();
    float[] weights = start.clone();
    float rate = request.training().optimizerParameters().get("learningRate").floatValue();
    Random order = new Random(request.seed());
    for (int step = 0; step < request.training().localEpochs() * data.size(); step++) {
      learn(weights, order.nextInt(data.size()), rate);
    }
    for (int i = 0; i < weights.length; i++) {
      weights[i] -= start[i];
    }
    return weights; // what changed: clipped, noised and masked before it leaves
  }

  // end::trainer[]

  private void learn(float[] weights, int row, float rate) {
    int inputs = data.featureLength();
    int classes = data.classes();
    float[] x = new float[inputs];
    data.features(row, x, 0);
    double[] probability = probabilities(weights, x, classes);
    for (int c = 0; c < classes; c++) {
      float gradient = (float) probability[c] - (data.label(row) == c ? 1 : 0);
      for (int i = 0; i < inputs; i++) {
        weights[i * classes + c] -= rate * gradient * x[i];
      }
      weights[inputs * classes + c] -= rate * gradient;
    }
  }

  private static double[] probabilities(float[] weights, float[] x, int classes) {
    double[] score = new double[classes];
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      score[c] = weights[x.length * classes + c];
      for (int i = 0; i < x.length; i++) {
        score[c] += weights[i * classes + c] * x[i];
      }
      score[c] = Math.exp(score[c]);
      sum += score[c];
    }
    for (int c = 0; c < classes; c++) {
      score[c] /= sum;
    }
    return score;
  }
}
