package dev.tributary.nn.data;

import java.nio.file.Path;
import java.util.Arrays;

/** Text to numbers and back. Immutable and safe for many threads. */
public interface Tokeniser {

  /** Number of tokens: they are 0 to this minus 1. */
  int size();

  /**
   * The tokens of a text.
   *
   * @throws IllegalArgumentException if it has something that no token stands for; says what and
   *     where
   */
  int[] encode(String text);

  /**
   * The text of tokens.
   *
   * @throws IllegalArgumentException for a number that is no token
   */
  String decode(int... tokens);

  /**
   * One token per character (Unicode code point) of the alphabet, numbered by code point.
   *
   * @param alphabet every character once or more
   */
  static Tokeniser characters(String alphabet) {
    int[] points = alphabet.codePoints().sorted().distinct().toArray();
    return new Tokeniser() {
      @Override
      public int size() {
        return points.length;
      }

      @Override
      public int[] encode(String text) {
        int[] tokens = text.codePoints().toArray();
        for (int i = 0; i < tokens.length; i++) {
          int token = Arrays.binarySearch(points, tokens[i]);
          if (token < 0) {
            throw new IllegalArgumentException(
                String.format("character %d, U+%04X, is not in the alphabet", i, tokens[i]));
          }
          tokens[i] = token;
        }
        return tokens;
      }

      @Override
      public String decode(int... tokens) {
        StringBuilder text = new StringBuilder();
        for (int token : tokens) {
          if (token < 0 || token >= points.length) {
            throw new IllegalArgumentException(
                "token " + token + " is not in [0, " + points.length + ")");
          }
          text.appendCodePoint(points[token]);
        }
        return text.toString();
      }
    };
  }

  /** As {@link BytePair#read}. */
  static Tokeniser bytePairs(Path merges) {
    return BytePair.read(merges);
  }
}
