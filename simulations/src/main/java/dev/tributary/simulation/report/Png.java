package dev.tributary.simulation.report;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * A picture of pixels, written as PNG (RFC 2083) without AWT, which needs fonts and libraries that
 * a server may not have. Text is in a bitmap font of the few characters that charts need.
 */
final class Png {
  private static final Map<Character, String> GLYPHS =
      Map.ofEntries(
          Map.entry('0', "0E11131519110E"),
          Map.entry('1', "040C040404040E"),
          Map.entry('2', "0E11010204081F"),
          Map.entry('3', "1F02040201110E"),
          Map.entry('4', "02060A121F0202"),
          Map.entry('5', "1F101E0101110E"),
          Map.entry('6', "0608101E11110E"),
          Map.entry('7', "1F010204080808"),
          Map.entry('8', "0E11110E11110E"),
          Map.entry('9', "0E11110F01020C"),
          Map.entry('.', "00000000000C0C"),
          Map.entry('-', "0000001F000000"),
          Map.entry('a', "00000E010F110F"),
          Map.entry('b', "1010161911111E"),
          Map.entry('c', "00000E1010110E"),
          Map.entry('d', "01010D1311110F"),
          Map.entry('e', "00000E111F100E"),
          Map.entry('g', "000F11110F010E"),
          Map.entry('i', "04000C0404040E"),
          Map.entry('l', "0C04040404040E"),
          Map.entry('n', "00001619111111"),
          Map.entry('o', "00000E1111110E"),
          Map.entry('p', "00001E111E1010"),
          Map.entry('r', "00001619101010"),
          Map.entry('s', "00000E100E011E"),
          Map.entry('t', "08081C08080906"),
          Map.entry('f', "0609081C080808"),
          Map.entry('h', "10101619111111"),
          Map.entry('j', "0200060202120C"),
          Map.entry('k', "10101214181412"),
          Map.entry('m', "00001A15151111"),
          Map.entry('q', "00000D130F0101"),
          Map.entry('v', "00001111110A04"),
          Map.entry('w', "0000111115150A"),
          Map.entry('x', "0000110A040A11"),
          Map.entry('y', "000011110F010E"),
          Map.entry('z', "00001F0204081F"),
          Map.entry(',', "00000000000C08"),
          Map.entry('%', "18190204081303"),
          Map.entry(':', "000C0C000C0C00"),
          Map.entry('/', "00010204081000"),
          Map.entry('(', "02040808080402"),
          Map.entry(')', "08040202020408"),
          Map.entry('=', "00001F001F0000"),
          Map.entry('+', "0004041F040400"),
          Map.entry('_', "0000000000001F"),
          Map.entry('u', "0000111111130D"));

  private static final int GLYPH_WIDTH = 6;
  private static final int ZOOM = 2;

  private final int width;
  private final int height;
  private final int[] pixels;

  /** A white picture. */
  Png(int width, int height) {
    this.width = width;
    this.height = height;
    this.pixels = new int[width * height];
    java.util.Arrays.fill(pixels, 0xffffff);
  }

  /** A straight line two pixels wide, smooth at its edges. */
  void line(double x0, double y0, double x1, double y1, int colour) {
    double dx = x1 - x0;
    double dy = y1 - y0;
    double squared = dx * dx + dy * dy;
    for (int y = (int) Math.min(y0, y1) - 2; y <= Math.max(y0, y1) + 2; y++) {
      for (int x = (int) Math.min(x0, x1) - 2; x <= Math.max(x0, x1) + 2; x++) {
        double along = squared == 0 ? 0 : ((x - x0) * dx + (y - y0) * dy) / squared;
        double at = Math.max(0, Math.min(1, along));
        double distance = Math.hypot(x - x0 - at * dx, y - y0 - at * dy);
        blend(x, y, colour, Math.max(0, Math.min(1, 1.5 - distance)));
      }
    }
  }

  /** A rectangle of which so much, from 0 to 1, is the colour. */
  void tint(int x, int y, int wide, int high, int colour, double share) {
    for (int i = 0; i < wide; i++) {
      for (int j = 0; j < high; j++) {
        blend(x + i, y + j, colour, Math.min(1, share));
      }
    }
  }

  private void blend(int x, int y, int colour, double share) {
    if (x < 0 || y < 0 || x >= width || y >= height || share <= 0) {
      return;
    }
    int old = pixels[y * width + x];
    int mixed = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
      int from = (old >> shift) & 0xff;
      int to = (colour >> shift) & 0xff;
      mixed |= (int) Math.round(from + share * (to - from)) << shift;
    }
    pixels[y * width + x] = mixed;
  }

  /** Text from its left upper corner; characters that the font does not have are left blank. */
  void text(String text, int x, int y, int colour) {
    for (int i = 0; i < text.length(); i++) {
      String glyph = GLYPHS.getOrDefault(text.charAt(i), "");
      for (int row = 0; row < glyph.length() / 2; row++) {
        int bits = Integer.parseInt(glyph.substring(2 * row, 2 * row + 2), 16);
        for (int column = 0; column < 5; column++) {
          if ((bits >> (4 - column) & 1) == 1) {
            dot(x + ZOOM * (GLYPH_WIDTH * i + column), y + ZOOM * row, colour);
          }
        }
      }
    }
  }

  private void dot(int x, int y, int colour) {
    for (int i = 0; i < ZOOM; i++) {
      for (int j = 0; j < ZOOM; j++) {
        blend(x + i, y + j, colour, 1);
      }
    }
  }

  /** Pixels that a text is wide. */
  static int width(String text) {
    return ZOOM * GLYPH_WIDTH * text.length();
  }

  byte[] bytes() {
    byte[] rows = new byte[height * (1 + 3 * width)];
    int at = 0;
    for (int i = 0; i < pixels.length; i++) {
      at += i % width == 0 ? 1 : 0; // filter type 0
      rows[at++] = (byte) (pixels[i] >> 16);
      rows[at++] = (byte) (pixels[i] >> 8);
      rows[at++] = (byte) pixels[i];
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
    byte[] header = {0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0};
    ByteBuffer.wrap(header).putInt(width).putInt(height);
    chunk(out, "IHDR", header);
    chunk(out, "IDAT", deflated(rows));
    chunk(out, "IEND", new byte[0]);
    return out.toByteArray();
  }

  private static byte[] deflated(byte[] bytes) {
    Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
    try {
      deflater.setInput(bytes);
      deflater.finish();
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] part = new byte[1 << 14];
      while (!deflater.finished()) {
        out.write(part, 0, deflater.deflate(part));
      }
      return out.toByteArray();
    } finally {
      deflater.end();
    }
  }

  private static void chunk(ByteArrayOutputStream out, String type, byte[] data) {
    byte[] body =
        ByteBuffer.allocate(4 + data.length)
            .put(type.getBytes(StandardCharsets.US_ASCII))
            .put(data)
            .array();
    CRC32 crc = new CRC32();
    crc.update(body);
    out.writeBytes(ByteBuffer.allocate(4).putInt(data.length).array());
    out.writeBytes(body);
    out.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
  }
}
