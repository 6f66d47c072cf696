package dev.tributary.nn.data;

/**
 * Windows of one long text: the tokens of a window are the features, the one behind it the label.
 */
final class TokenDataset implements Dataset {
  private final int[] tokens;
  private final int length;
  private final int stride;
  private final int vocabulary;

  TokenDataset(int[] tokens, int vocabulary, int length, int stride) {
    if (length < 1 || stride < 1 || vocabulary < 1) {
      throw new IllegalArgumentException(
          "length, stride and vocabulary must be at least 1, are "
              + length
              + ", "
              + stride
              + " and "
              + vocabulary);
    }
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] < 0 || tokens[i] >= vocabulary) {
        throw new IllegalArgumentException(
            "token " + i + " is " + tokens[i] + ", the vocabulary has " + vocabulary);
      }
    }
    this.tokens = tokens.clone();
    this.length = length;
    this.stride = stride;
    this.vocabulary = vocabulary;
  }

  @Override
  public int size() {
    return tokens.length <= length ? 0 : (tokens.length - length - 1) / stride + 1;
  }

  @Override
  public int[] featureShape() {
    return new int[] {length};
  }

  @Override
  public int classes() {
    return vocabulary;
  }

  @Override
  public void features(int row, float[] into, int offset) {
    for (int i = 0; i < length; i++) {
      into[offset + i] = tokens[row * stride + i];
    }
  }

  @Override
  public int label(int row) {
    return tokens[row * stride + length];
  }
}
