package dev.tributary.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the readers beside IDX and CSV make of good files, and what they say of bad ones. */
final class ReadersTest {
  @TempDir private Path folder;

  @Test
  void leaf_numbers_keepUsersShapesAndClasses() throws IOException {
    Path file = file("a.json", Samples.LEAF);
    Examples read = Leaf.read(List.of(file), 2, 2, 1);
    assertThat(read.owners()).containsExactly("ann", "ann", "bob");
    assertThat(read.data().featureShape()).containsExactly(2, 2, 1);
    assertThat(read.data().classes()).isEqualTo(5);
    assertThat(row(read.data(), 2)).containsExactly(9, 10, 11, 12.5f);
    assertThat(read.data().label(1)).isEqualTo(4);
    refused(() -> Leaf.read(List.of(file), 3))
        .hasMessageContaining("examples have 4 numbers, not [3]");
  }

  @Test
  void leaf_texts_becomeTokensOfOneAlphabetForTrainAndTest() throws IOException {
    Path train =
        file("t.json", "{\"user_data\":{\"K\":{\"x\":[\"abc\",\"bca\"],\"y\":[\"a\",\"d\"]}}}");
    Path test = file("s.json", "{\"user_data\":{\"K\":{\"x\":[\"xbc\"],\"y\":[\"a\"]}}}");
    Leaf.Split split = Leaf.read(List.of(train), List.of(test));
    assertThat(split.train().data().classes()).isEqualTo(5); // a b c d x
    assertThat(row(split.test().data(), 0)).containsExactly(4, 1, 2);
    assertThat(split.train().data().label(1)).isEqualTo(3);
    assertThat(split.train().data().size()).isEqualTo(2);
  }

  @Test
  void leaf_badFiles_areRefusedWithTheirPlace() throws IOException {
    leafRefused("{\"user_data\":{\"K\":{\"x\":[[1],[2]],\"y\":[0]}}}")
        .hasMessageContaining("user \"K\": 2 examples, but 1 labels");
    leafRefused("{\"user_data\":{\"K\":{\n\"x\":[[1],[2,3]],\"y\":[0,1]}}}")
        .hasMessageContaining("line 2")
        .hasMessageContaining("expected 1 numbers as in the first example, came 2");
    leafRefused("{\"user_data\":{\"K\":{\"x\":[[1e40]],\"y\":[0]}}}")
        .hasMessageContaining("not a finite number");
    leafRefused("{\"user_data\":{\"K\":{\"x\":[[1]],\"y\":[0.5]}}}").hasMessageContaining("0.5");
    leafRefused("{\"users\":[]}").hasMessageContaining("below user_data");
    leafRefused("{\"user_data\":{").hasMessageContaining("no valid JSON");
  }

  private AbstractThrowableAssert<?, ?> leafRefused(String text) throws IOException {
    Path file = file("bad.json", text);
    return refused(() -> Leaf.read(List.of(file)));
  }

  @Test
  void roleText_windowsStayInTheirRole() throws IOException {
    Path file = file("play.txt", Samples.PLAY);
    Examples read = RoleText.read(file, 3, 3);
    // ann says "hear me\nagain\n" (14 characters), bob "no: never\n" (10)
    assertThat(read.owners()).containsExactly("ANN", "ANN", "ANN", "ANN", "BOB", "BOB", "BOB");
    Tokeniser characters = Tokeniser.characters(Samples.PLAY);
    assertThat(read.data().classes()).isEqualTo(characters.size());
    assertThat(text(characters, read.data(), 0)).isEqualTo("hea>r");
    assertThat(text(characters, read.data(), 3)).isEqualTo("gai>n");
    assertThat(text(characters, read.data(), 4)).isEqualTo("no:> ");
    refused(() -> RoleText.read(file, 100, 1))
        .hasMessageContaining("no role says more than 100 characters; 2 roles were found");
  }

  private static String text(Tokeniser characters, Dataset data, int row) {
    float[] values = row(data, row);
    int[] tokens = new int[values.length];
    Arrays.setAll(tokens, i -> (int) values[i]);
    return characters.decode(tokens) + ">" + characters.decode(data.label(row));
  }

  @Test
  void cifar_planesBecomeChannels() throws IOException {
    Path file = Files.write(folder.resolve("batch.bin"), Samples.cifar(2));
    Dataset data = Cifar.read(List.of(file, file), 10);
    assertThat(data.size()).isEqualTo(4);
    assertThat(data.featureShape()).containsExactly(32, 32, 3);
    assertThat(data.label(1)).isEqualTo(1);
    float[] pixels = row(data, 1);
    // Samples.cifar: byte j of the planes of picture p is (p + 7 j) mod 256
    assertThat(pixels[3 * 5 + 2]).isEqualTo(((1 + 7 * (2 * 1024 + 5)) & 0xff) / 255f);
    refused(() -> Cifar.read(List.of(file), 100))
        .hasMessageContaining("expected pictures of 3074 bytes (CIFAR-100)");
    byte[] bad = Samples.cifar(1);
    bad[0] = 10;
    Files.write(file, bad);
    refused(() -> Cifar.read(List.of(file), 10)).hasMessageContaining("label 10");
  }

  @Test
  void npz_numbersOfEveryWidth() throws IOException {
    Path file = Files.write(folder.resolve("data.npz"), Samples.npz(false));
    Examples read = NpzData.read(file, "x", "y", "who", false);
    assertThat(read.data().featureShape()).containsExactly(2);
    assertThat(row(read.data(), 2)).containsExactly(5, 255);
    assertThat(read.data().label(2)).isEqualTo(3);
    assertThat(read.owners()).containsExactly("7", "7", "-1");
    assertThat(NpzData.read(file, "half", "y", "", true).data().target(0)).isEqualTo(1);
    assertThat(row(NpzData.read(file, "half", "y", "", true).data(), 1)).containsExactly(-2.5f);
    refused(() -> NpzData.read(file, "z", "y", "", false))
        .hasMessageContaining("no array is called \"z\"; there are [half, who, x, y]");
    refused(() -> NpzData.read(file, "x", "x", "", false))
        .hasMessageContaining("expected a number for each of 3 rows, came [3, 2]");
  }

  @Test
  void npz_falseCountsAndObjects_areRefused() throws IOException {
    Path file = Files.write(folder.resolve("data.npz"), Samples.npz(true));
    refused(() -> NpzData.read(file, "huge", "huge", "", false))
        .hasMessageContaining("[300000000] are more than");
    refused(() -> NpzData.read(file, "big", "big", "", false)).hasMessageContaining("bomb");
    refused(() -> NpzData.read(file, "short", "short", "", false))
        .hasMessageContaining("expected 9 numbers, the array ends 9 before");
    refused(() -> NpzData.read(file, "object", "object", "", false))
        .hasMessageContaining("expected little-endian numbers in C order");
  }

  @Test
  void jsonLines_nestedKeysBecomeColumns() throws IOException {
    Path file = file("a.jsonl", Samples.JSON_LINES);
    Csv csv = Csv.readJsonLines(file);
    assertThat(csv.columns()).containsExactly("who", "at.x", "at.y.0", "at.y.1", "sick");
    Examples rows =
        new Examples(
            csv.client("who").label("sick").dataset(), csv.client("who").label("sick").owners());
    assertThat(rows.owners()).containsExactly("ann", "bob");
    assertThat(row(rows.data(), 0)).containsExactly(1.5f, 2, 3);
    assertThat(row(rows.data(), 1)).containsExactly(1.5f, 4, 3); // gaps: the mean of the column
    Path bad = file("bad.jsonl", "{\"a\": 1}\n{\"a\": }\n");
    refused(() -> Csv.readJsonLines(bad)).hasMessageContaining("line 2, column");
    Path list = file("list.jsonl", "[1]\n");
    refused(() -> Csv.readJsonLines(list)).hasMessageContaining("expected a JSON object");
    Path word = file("word.jsonl", "{\"a\":1,\"b\":0}\n\n{\"a\":\"x\",\"b\":1}\n");
    refused(() -> Csv.readJsonLines(word).numeric("a").label("b").dataset())
        .hasMessageContaining("line 3, column \"a\": expected a number, came \"x\"");
  }

  @Test
  void arff_nominalValuesKeepTheirOrder() throws IOException {
    Csv csv = Csv.readArff(file("a.arff", Samples.ARFF)).label("class");
    assertThat(csv.columns()).containsExactly("sepal length", "colour", "class");
    Dataset data = csv.dataset();
    assertThat(data.classes()).isEqualTo(3);
    assertThat(data.label(0)).isEqualTo(2); // versicolor is declared third
    assertThat(row(data, 0)).containsExactly(5.5f, 0, 1); // red is declared second
    assertThat(row(data, 1)).containsExactly(2.75f, 0, 0); // a gap: the mean
    assertThat(row(data, 2)).containsExactly(0, 1, 0); // sparse
    assertThat(csv.numericFeatures()).containsExactly(true, false, false);
    Path bad = file("bad.arff", Samples.ARFF + "1,green,setosa\n");
    refused(() -> Csv.readArff(bad))
        .hasMessageContaining(
            "line 10, column \"colour\": expected one of [blue, red], came \"green\"");
  }

  @Test
  void table_andAnother_getsTheSameFeaturesAndNamesTheRightFile() throws IOException {
    Csv train = Csv.read(file("a.csv", "c,x,y\nred,1,0\nblue,2,1\n"));
    Path second = file("b.csv", "y,x,c\n1,5,green\n0,what,red\n");
    Csv both = train.and(Csv.read(second)).label("y");
    assertThat(both.dataset().featureShape()).containsExactly(7); // 3 colours, x as 4 categories
    refused(() -> both.numeric("x").dataset())
        .hasMessageStartingWith(second + ": line 3, column \"x\"");
    refused(() -> train.and(Csv.read(file("c.csv", "c,x\n1,2\n"))))
        .hasMessageContaining("expected the columns [c, x, y], came [c, x]");
  }

  @Test
  void normalisation_ofSomeFeatures_leavesTheOthersAndTakesGapsAsMean() throws IOException {
    Csv csv = Csv.read(file("a.csv", "x,c,y\n1,a,0\n3,b,1\nNA,b,1\n")).label("y").keepMissing();
    Dataset data = Normalisation.of(csv.dataset(), csv.numericFeatures()).apply(csv.dataset());
    assertThat(row(data, 0)).containsExactly(-1, 1, 0);
    assertThat(row(data, 2)).containsExactly(0, 0, 1);
  }

  @Test
  void gzipBombs_areRefused() throws IOException {
    Path bomb = folder.resolve("bomb.csv.gz");
    try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(bomb))) {
      out.write("a,b\n".getBytes(StandardCharsets.UTF_8));
      byte[] blank = new byte[1 << 20];
      Arrays.fill(blank, (byte) '\n');
      for (int i = 0; i < 70; i++) {
        out.write(blank);
      }
    }
    refused(() -> Csv.read(bomb)).hasMessageContaining("refused as a bomb");
    refused(() -> Cifar.read(List.of(bomb), 10)).hasMessageContaining("refused as a bomb");
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static AbstractThrowableAssert<?, ?> refused(ThrowingCallable reading) {
    return assertThatThrownBy(reading).isInstanceOf(DataException.class);
  }

  private static float[] row(Dataset data, int row) {
    float[] into = new float[data.featureLength()];
    data.features(row, into, 0);
    return into;
  }
}
