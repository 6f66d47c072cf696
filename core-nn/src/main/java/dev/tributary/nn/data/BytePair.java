package dev.tributary.nn.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Byte-pair encoding (Sennrich, Haddow, Birch 2016) over bytes, as GPT-2 does it (Radford et al.
 * 2019, section 2.2): a text is cut into words, and in each word the pair of neighbours that stands
 * first in the list of merges becomes one token, until no pair of the list is left. Any text can be
 * encoded. Tokens 0 to 255 are the bytes in the order of GPT-2, then the merges by line.
 *
 * <p>The file has the form of GPT-2's {@code merges.txt}: a comment line {@code #version}, then a
 * merge a line, two tokens with a space between. Bytes stand there as printable characters.
 */
final class BytePair implements Tokeniser {
  private static final int MAXIMUM_MERGES = 1 << 20;
  private static final long MAXIMUM_BYTES = 64L << 20;

  /** Where a text is cut: GPT-2's expression. */
  private static final Pattern WORDS =
      Pattern.compile(
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
          Pattern.UNICODE_CHARACTER_CLASS);

  private final List<byte[]> bytes = new ArrayList<>();
  private final int[] tokenOfByte = new int[256];
  private final Map<Long, Integer> merges = new HashMap<>();

  private BytePair() {}

  /**
   * Reads merges.
   *
   * @throws DataException that names the line
   */
  static BytePair read(Path file) {
    try {
      if (Files.size(file) > MAXIMUM_BYTES) {
        throw new DataException(file, "", "has more than " + MAXIMUM_BYTES + " bytes");
      }
      return parse(file, Files.readAllLines(file, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new DataException(file, "", "cannot be read: " + e.getMessage(), e);
    }
  }

  private static BytePair parse(Path file, List<String> lines) {
    BytePair result = new BytePair();
    Map<String, Integer> names = result.alphabet();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.isEmpty() || (i == 0 && line.startsWith("#version"))) {
        continue;
      }
      String where = "line " + (i + 1);
      String[] pair = line.split(" ", -1);
      if (pair.length != 2) {
        throw new DataException(file, where, "expected two tokens with a space between");
      }
      Integer left = names.get(pair[0]);
      Integer right = names.get(pair[1]);
      if (left == null || right == null) {
        throw new DataException(
            file, where, "\"" + (left == null ? pair[0] : pair[1]) + "\" is no token before it");
      }
      int token = result.bytes.size();
      if (token - 256 == MAXIMUM_MERGES) {
        throw new DataException(file, where, "more than " + MAXIMUM_MERGES + " merges");
      }
      if (names.put(pair[0] + pair[1], token) != null) {
        throw new DataException(file, where, "there is a token of these characters already");
      }
      result.merges.put(key(left, right), token);
      ByteArrayOutputStream joined = new ByteArrayOutputStream();
      joined.writeBytes(result.bytes.get(left));
      joined.writeBytes(result.bytes.get(right));
      result.bytes.add(joined.toByteArray());
    }
    return result;
  }

  /**
   * GPT-2's names of the 256 bytes: printable characters of Latin-1 stand for themselves and come
   * first; the others are U+0100 and up.
   */
  private Map<String, Integer> alphabet() {
    Map<String, Integer> names = new HashMap<>();
    for (boolean printable : new boolean[] {true, false}) {
      int other = 0;
      for (int value = 0; value < 256; value++) {
        boolean plain =
            (value >= '!' && value <= '~') || (value >= 0xa1 && value <= 0xff && value != 0xad);
        if (plain == printable) {
          char name = (char) (plain ? value : 256 + other++);
          tokenOfByte[value] = bytes.size();
          names.put(String.valueOf(name), bytes.size());
          bytes.add(new byte[] {(byte) value});
        }
      }
    }
    return names;
  }

  private static long key(int left, int right) {
    return ((long) left << 32) | right;
  }

  @Override
  public int size() {
    return bytes.size();
  }

  @Override
  public int[] encode(String text) {
    List<Integer> tokens = new ArrayList<>();
    Matcher word = WORDS.matcher(text);
    while (word.find()) {
      encode(word.group().getBytes(StandardCharsets.UTF_8), tokens);
    }
    return tokens.stream().mapToInt(Integer::intValue).toArray();
  }

  private void encode(byte[] word, List<Integer> into) {
    List<Integer> tokens = new ArrayList<>(word.length);
    for (byte value : word) {
      tokens.add(tokenOfByte[value & 0xff]);
    }
    while (true) {
      int best = Integer.MAX_VALUE;
      for (int i = 0; i + 1 < tokens.size(); i++) {
        best = Math.min(best, merged(tokens, i));
      }
      if (best == Integer.MAX_VALUE) {
        into.addAll(tokens);
        return;
      }
      List<Integer> joined = new ArrayList<>(tokens.size());
      for (int i = 0; i < tokens.size(); i++) {
        if (i + 1 < tokens.size() && merged(tokens, i) == best) {
          joined.add(best);
          i++;
        } else {
          joined.add(tokens.get(i));
        }
      }
      tokens = joined;
    }
  }

  private int merged(List<Integer> tokens, int at) {
    return merges.getOrDefault(key(tokens.get(at), tokens.get(at + 1)), Integer.MAX_VALUE);
  }

  @Override
  public String decode(int... tokens) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    for (int token : tokens) {
      if (token < 0 || token >= size()) {
        throw new IllegalArgumentException("token " + token + " is not in [0, " + size() + ")");
      }
      joined.writeBytes(bytes.get(token));
    }
    return joined.toString(StandardCharsets.UTF_8);
  }
}
