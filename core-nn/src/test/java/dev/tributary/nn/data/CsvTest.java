package dev.tributary.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CsvTest {
  private static final String PEOPLE =
      """
      name,age,colour,weight,sick
      ann,30,red,1.5,yes
      bob,NA,blue,2.5,no
      ann,50,,3.5,no
      """;

  @TempDir private Path directory;

  @Test
  void dataset_encodesNumbersAndCategories() {
    Dataset data = csv(PEOPLE).label("sick").client("name").dataset();
    assertThat(data.size()).isEqualTo(3);
    assertThat(data.featureShape()).containsExactly(4);
    assertThat(data.classes()).isEqualTo(2);
    // age, colour=blue, colour=red, weight; the missing age is the mean, the missing colour none
    assertThat(row(data, 0)).containsExactly(30, 0, 1, 1.5f);
    assertThat(row(data, 1)).containsExactly(40, 1, 0, 2.5f);
    assertThat(row(data, 2)).containsExactly(50, 0, 0, 3.5f);
    assertThat(data.label(0)).isEqualTo(1);
    assertThat(data.label(1)).isZero();
  }

  @Test
  void clients_numberTheColumnInOrder() {
    ClientColumn clients = csv(PEOPLE).client("name").clients();
    assertThat(clients.size()).isEqualTo(2);
    assertThat(clients.names()).containsExactly("ann", "bob");
    assertThat(clients.rows(0)).containsExactly(0, 2);
    assertThat(clients.rows(1)).containsExactly(1);
  }

  @Test
  void standardise_givesMeanZeroAndDeviationOne() {
    Dataset data =
        csv("a,b,c,y\n1,7,x,0\n2,7,y,1\n3,7,x,0\n6,7,x,1\n").label("y").standardise().dataset();
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < 4; i++) {
      float[] row = row(data, i);
      sum += row[0];
      squares += row[0] * row[0];
      assertThat(row[1]).as("a constant column").isZero();
      assertThat(row[2] + row[3]).as("categories stay").isEqualTo(1f);
    }
    assertThat(sum).isCloseTo(0, within(1e-6));
    assertThat(squares / 4).isCloseTo(1, within(1e-6));
  }

  @Test
  void labels_wholeNumbersAreClassesAsTheyStand() {
    Dataset data = csv("x,y\n1,3\n2,7\n").label("y").dataset();
    assertThat(data.classes()).isEqualTo(8);
    assertThat(data.label(0)).isEqualTo(3);
  }

  @Test
  void labels_listed_areNumberedAsListed() {
    Csv csv = csv("x,y\n1,M\n2,B\n");
    Dataset data = csv.label("y", "M", "B", "other").dataset();
    assertThat(data.classes()).isEqualTo(3);
    assertThat(data.label(0)).isZero();
    refused(
        () -> csv.label("y", "B").dataset(),
        "line 2, column \"y\": expected one of [B], came \"M\"");
  }

  @Test
  void target_givesNumbersToPredict() {
    Dataset data = csv("x,price\n1,2.5\n2,-1e2\n").target("price").dataset();
    assertThat(data.classes()).isZero();
    assertThat(data.target(1)).isEqualTo(-100f);
    refused(
        () -> csv("x,p\n1,2\n2,NA\n").target("p").dataset(),
        "line 3, column \"p\": the target is missing");
    refused(
        () -> csv("x,p\n1,2\n2,high\n").target("p").dataset(),
        "line 3, column \"p\": expected a number, came \"high\"");
  }

  @Test
  void categories_listed_areFeaturesAsListed() {
    Csv csv = csv("size,y\nS,0\nL,1\n").label("y");
    assertThat(row(csv.categories("size", "L", "M", "S").dataset(), 0)).containsExactly(0, 0, 1);
    refused(
        () -> csv.categories("size", "S").dataset(),
        "line 3, column \"size\": expected one of [S], came \"L\"");
    assertThat(csv("n,y\n1,0\n2,1\n").label("y").categories("n").dataset().featureShape())
        .containsExactly(2);
  }

  @Test
  void missing_textsAreAsSaid() {
    String text = "x,y\n1,0\n-9,1\n,0\n3,1\n";
    Dataset data = csv(text).label("y").missing("-9").dataset();
    assertThat(row(data, 1)).containsExactly(2f);
    assertThat(row(data, 2)).containsExactly(2f);
    refused(
        () -> csv("x,y\n1,0\nNA,1\n").label("y").missing("-9").numeric("x").dataset(),
        "line 3, column \"x\": expected a number, came \"NA\"");
  }

  @Test
  void read_quotesSeparatorsLineEndsAndGzip() throws IOException {
    String text = "\ufeffa;\"b;c\";y\r\n1;\"say \"\"hi\"\"\";0\r\n\r\n2;\"two\nlines\";1";
    Path file = directory.resolve("x.csv.gz");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
    }
    Files.write(file, out.toByteArray());
    Csv csv = Csv.read(file);
    assertThat(csv.columns()).containsExactly("a", "b;c", "y");
    Dataset data = csv.label("y").categories("b;c", "say \"hi\"", "two\nlines").drop("a").dataset();
    assertThat(row(data, 0)).containsExactly(1, 0);
    assertThat(row(data, 1)).containsExactly(0, 1);
    Files.write(file, Arrays.copyOf(out.toByteArray(), out.size() - 12));
    refused(() -> Csv.read(file), "near line", "damaged gzip");
  }

  @Test
  void read_brokenTables_nameFileAndLine() {
    refused(() -> Csv.read(directory.resolve("none.csv")), "none.csv: no such file");
    refused(() -> csv(""), "line 1: expected the names of the columns");
    refused(() -> csv("a,b\n"), "line 2: expected rows after the header");
    refused(() -> csv("a,b\n1,2\n1\n"), "line 3: expected 2 cells as in the header, came 1");
    refused(() -> csv("a,b\n\"x\ny\",2\n1,2,3\n"), "line 4: expected 2 cells", "came 3");
    refused(() -> csv("a,b\n1,\"open\n2,3\n"), "line 2: a quoted cell begins here and never ends");
    refused(() -> csv("a,a\n1,2\n"), "line 1, column 2: the name \"a\" comes twice");
    refused(() -> csv("a,,c\n1,2,3\n"), "line 1, column 2: the column has no name");
    refused(
        () -> {
          Path file = directory.resolve("latin.csv");
          Files.write(file, "a,b\nM\u00fcller,2\n".getBytes(StandardCharsets.ISO_8859_1));
          Csv.read(file);
        },
        "not UTF-8");
  }

  @Test
  void dataset_brokenCells_nameLineAndColumn() {
    refused(() -> csv(PEOPLE).label("ill"), "no column is called \"ill\"; there are [name, age");
    refused(() -> csv(PEOPLE).dataset(), "say which column is the label or the target");
    refused(() -> csv(PEOPLE).clients(), "say which column is the client");
    refused(
        () -> csv("x,y\n1,0\n2,?\n").label("y").dataset(),
        "line 3, column \"y\": the label is missing");
    refused(
        () -> csv("x,y\n1,a\n2,\n").client("y").clients(),
        "line 3, column \"y\": the client is missing");
    refused(() -> csv("y\n1\n").label("y").dataset(), "no column is left as a feature");
    refused(() -> csv(PEOPLE).label("sick").drop("hat").dataset(), "no column is called \"hat\"");
  }

  @Test
  void dataset_oneBadCellInANumericColumn_isFoundByTheNumberOfCategories() {
    StringBuilder text = new StringBuilder("x,y\n");
    for (int i = 0; i < 400; i++) {
      text.append(i == 17 ? "oops" : "" + i).append(",0\n");
    }
    refused(() -> csv(text.toString()).label("y").dataset(), "column \"x\"", "mend the cell");
    refused(
        () -> csv(text.toString()).label("y").numeric("x").dataset(),
        "line 19, column \"x\": expected a number, came \"oops\"");
  }

  private Csv csv(String text) {
    try {
      return Csv.read(Files.writeString(directory.resolve("data.csv"), text));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static float[] row(Dataset data, int row) {
    float[] into = new float[data.featureLength()];
    data.features(row, into, 0);
    return into;
  }

  private static void refused(ThrowingCallable call, String... parts) {
    assertThatThrownBy(call).isInstanceOf(DataException.class).hasMessageContainingAll(parts);
  }
}
