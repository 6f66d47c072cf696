package dev.tributary.nn;

import java.util.Locale;

/** How start weights are drawn, by the names of Keras. */
public enum Initializer {
  /** Uniform in +-sqrt(6 / (fanIn + fanOut)) (Glorot and Bengio 2010, eq. 16). */
  GLOROT_UNIFORM,
  /** Normal with variance 2 / (fanIn + fanOut) (Glorot and Bengio 2010, eq. 12). */
  GLOROT_NORMAL,
  /** Uniform in +-sqrt(6 / fanIn) (He et al. 2015, section 2.2). */
  HE_UNIFORM,
  /** Normal with variance 2 / fanIn (He et al. 2015, eq. 10). */
  HE_NORMAL,
  /** Uniform in +-sqrt(3 / fanIn) (LeCun et al. 1998, section 4.6). */
  LECUN_UNIFORM,
  /** Normal with variance 1 / fanIn (LeCun et al. 1998, eq. 16). */
  LECUN_NORMAL,
  /** Uniform in +-0.05. */
  RANDOM_UNIFORM,
  /**
   * Normal with deviation 0.02 (as for the embeddings of GPT: Radford et al. 2018, section 4.1).
   */
  RANDOM_NORMAL,
  ZEROS,
  ONES;

  /** The name in a model description: lower case. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Fills {@code values[from, from + count)}; the same for the same stream on every machine. */
  void fill(float[] values, int from, int count, double fanIn, double fanOut, SeededStream stream) {
    double scale =
        switch (this) {
          case GLOROT_UNIFORM -> Math.sqrt(6 / (fanIn + fanOut));
          case GLOROT_NORMAL -> Math.sqrt(2 / (fanIn + fanOut));
          case HE_UNIFORM -> Math.sqrt(6 / fanIn);
          case HE_NORMAL -> Math.sqrt(2 / fanIn);
          case LECUN_UNIFORM -> Math.sqrt(3 / fanIn);
          case LECUN_NORMAL -> Math.sqrt(1 / fanIn);
          case RANDOM_UNIFORM -> 0.05;
          case RANDOM_NORMAL -> 0.02;
          case ZEROS, ONES -> 0;
        };
    for (int i = from; i < from + count; i++) {
      values[i] =
          (float)
              switch (this) {
                case ZEROS -> 0;
                case ONES -> 1;
                case GLOROT_NORMAL, HE_NORMAL, LECUN_NORMAL, RANDOM_NORMAL ->
                    stream.nextGaussian() * scale;
                default -> (2 * stream.nextDouble() - 1) * scale;
              };
    }
  }
}
