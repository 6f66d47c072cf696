package dev.tributary.nn.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Small files in every form. */
final class Samples {
  static final String LEAF =
      """
      {"users": ["ann", "bob"], "num_samples": [2, 1],
       "user_data": {
        "ann": {"y": [0, 4], "x": [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]},
        "bob": {"x": [[9, 10, 11, 12.5]], "y": [1], "extra": {"a": [1]}}}}
      """;

  static final String PLAY = "ANN:\nhear me\n\nBOB:\nno: never\n\nANN:\nagain\n";

  static final String JSON_LINES =
      """
      {"who": "ann", "at": {"x": 1.5, "y": [2, 3]}, "sick": true}
      {"who": "bob", "at": {"x": null, "y": [4]}, "sick": false}
      """;

  static final String ARFF =
      """
      % flowers
      @RELATION iris
      @attribute 'sepal length' NUMERIC
      @attribute colour {blue, "red"}
      @attribute class {setosa, virginica, versicolor}
      @data
      5.5, red, versicolor
      ?,?,setosa
      {1 blue, 2 virginica}
      """;

  private Samples() {}

  /** Picture p has label p; byte j of its planes is (p + 7 j) mod 256. */
  static byte[] cifar(int pictures) {
    ByteBuffer bytes = ByteBuffer.allocate(pictures * 3073);
    for (int p = 0; p < pictures; p++) {
      bytes.put((byte) p);
      for (int j = 0; j < 3072; j++) {
        bytes.put((byte) (p + 7 * j));
      }
    }
    return bytes.array();
  }

  /** Three rows; or arrays that promise what they do not hold. */
  static byte[] npz(boolean bad) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      if (bad) {
        array(zip, "huge", "|u1", "(300000000,)", new byte[1]);
        array(zip, "big", "<f8", "(100000000,)", new byte[1]);
        array(zip, "short", "<f4", "(9,)", new byte[1]);
        array(zip, "object", "|O8", "(1,)", new byte[8]);
      } else {
        array(zip, "x", "|u1", "(3, 2)", new byte[] {1, 2, 3, 4, 5, (byte) 255});
        array(zip, "y", "<i8", "(3,)", little(24).putLong(1).putLong(0).putLong(3).array());
        array(zip, "half", "<f2", "(3,)", new byte[] {0, 0x3c, 0, (byte) 0xc1, 0, 0});
        array(zip, "who", "<i2", "(3, 1)", new byte[] {7, 0, 7, 0, -1, -1});
      }
    }
    return bytes.toByteArray();
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void array(
      ZipOutputStream zip, String name, String type, String shape, byte[] data) throws IOException {
    String header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
    zip.putNextEntry(new ZipEntry(name + ".npy"));
    zip.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    zip.write(little(2).putShort((short) header.length()).array());
    zip.write(header.getBytes(StandardCharsets.US_ASCII));
    zip.write(data);
  }
}
