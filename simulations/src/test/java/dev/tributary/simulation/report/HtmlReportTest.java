package dev.tributary.simulation.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tributary.simulation.data.PartitionMix;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HtmlReportTest {
  /** Width of a sheet between its margins, in CSS pixels. */
  private static final int A4 = 718;

  private static final Path SHOTS = Path.of("target", "report-shots");

  /** Labels of drawings that lie over each other or leave their drawing. */
  private static final String LABELS =
      """
      (() => {
        const wrong = [];
        document.querySelectorAll('svg').forEach(svg => {
          const box = svg.getBoundingClientRect();
          const all = [...svg.querySelectorAll('text:not(.tip)')]
              .map(text => [text.textContent, text.getBoundingClientRect()]);
          all.forEach(([words, a], i) => {
            if (a.left < box.left - 1 || a.right > box.right + 1
                || a.top < box.top - 1 || a.bottom > box.bottom + 1) {
              wrong.push(words + ' leaves ' + svg.getAttribute('aria-label'));
            }
            all.slice(i + 1).forEach(([other, b]) => {
              if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
                  && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3) {
                wrong.push(words + ' over ' + other + ' in ' + svg.getAttribute('aria-label'));
              }
            });
          });
        });
        return wrong.join('; ');
      })()
      """;

  /** Read-outs that can be seen. */
  private static final String READ_OUT =
      """
      [...document.querySelectorAll('.hover text')]
          .filter(text => getComputedStyle(text).visibility === 'visible')
          .map(text => text.textContent).join('; ')
      """;

  private static final String LINES =
      """
      [...document.querySelectorAll('.hover line')]
          .filter(line => getComputedStyle(line).visibility === 'visible').length
      """;

  private static final String OUTSIDE =
      """
      [...document.querySelectorAll('.hover text')]
          .filter(text => getComputedStyle(text).visibility === 'visible')
          .filter(text => {
            const own = text.getBoundingClientRect();
            const box = text.ownerSVGElement.getBoundingClientRect();
            return own.left < box.left || own.right > box.right || own.top < box.top;
          }).map(text => text.textContent).join('; ')
      """;

  /** What is not white below or too light to be read on white. */
  private static final String COLOURS =
      """
      (() => {
        const luminance = colour => {
          const [r, g, b] = colour.match(/[0-9.]+/g).slice(0, 3).map(Number).map(c => c / 255)
              .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const wrong = new Set();
        for (const each of document.querySelectorAll('body, body *')) {
          const style = getComputedStyle(each);
          const name = each.tagName + '.' + (each.className.baseVal ?? each.className);
          const ground = style.backgroundColor;
          if (each.tagName !== 'I' && ground !== 'rgba(0, 0, 0, 0)' && luminance(ground) < 1) {
            wrong.add(name + ' on ' + ground);
          }
          const ink = each.tagName === 'text' ? style.fill : style.color;
          if (1.05 / (luminance(ink) + 0.05) < 4.5) {
            wrong.add(name + ' in ' + ink);
          }
        }
        return [...wrong].join('; ');
      })()
      """;

  static boolean hasChromium() {
    return Chromium.find().isPresent();
  }

  @Test
  @EnabledIf("hasChromium")
  void page_inABrowser_fitsAtEveryWidthAndAsksForNothing(@TempDir Path folder) throws Exception {
    Files.createDirectories(SHOTS);
    List<RunRecord> runs =
        List.of(RunRecords.privateRun(80), RunRecords.plainRun(), RunRecords.numbersRun());
    List<PartitionMix> mixes = List.of(RunRecords.mix(), RunRecords.mix(), RunRecords.largeMix());
    try (Chromium browser =
        new Chromium(Chromium.find().orElseThrow(), folder.resolve("profile"))) {
      for (int i = 0; i < runs.size(); i++) {
        Path page =
            Files.writeString(
                folder.resolve("report" + i + ".html"),
                HtmlReport.of(runs.get(i), Optional.of(mixes.get(i))));
        for (int width : new int[] {390, 1280}) {
          for (String scheme : new String[] {"light", "dark"}) {
            String which = "run %d, %d px, %s".formatted(i, width, scheme);
            browser.open(page, width, 900, scheme);
            fits(browser, which);
            assertThat(browser.evaluate("document.querySelectorAll('svg').length").asInt())
                .as(which)
                .isGreaterThanOrEqualTo(3);
            assertThat(browser.console()).as(which).isEmpty();
            assertThat(browser.requests())
                .as(which)
                .allMatch(url -> url.startsWith("file:") || url.startsWith("data:"));
            // Nothing is read out until a pointer is over a round.
            assertThat(
                    browser
                        .evaluate("getComputedStyle(document.querySelector('.tip')).visibility")
                        .asText())
                .as(which)
                .isEqualTo("hidden");
            browser.screenshot(SHOTS.resolve("run%d-%d-%s.png".formatted(i, width, scheme)));
          }
        }
        browser.open(page, A4, 900, "light");
        browser.asPrinted();
        fits(browser, "run %d, printed".formatted(i));
        browser.screenshot(SHOTS.resolve("run%d-print.png".formatted(i)));
        browser.print(SHOTS.resolve("run%d.pdf".formatted(i)));
      }
    }
  }

  /**
   * A pointer over a round's strip of a curve reads out that round's figures, and no others; away
   * from it nothing is read out.
   */
  @ParameterizedTest
  @ValueSource(ints = {390, 1280})
  @EnabledIf("hasChromium")
  void pointerOverARound_readsOutItsFiguresAlone(int width, @TempDir Path folder) throws Exception {
    RunRecord run = RunRecords.privateRun(80);
    Path page = Files.writeString(folder.resolve("report.html"), HtmlReport.of(run));
    try (Chromium browser =
        new Chromium(Chromium.find().orElseThrow(), folder.resolve("profile"))) {
      browser.open(page, width, 900, "light");
      for (int round : new int[] {5, 40, 80}) { // evaluated in every fifth: 16 strips
        JsonNode strip =
            browser.evaluate(
                """
                (() => {
                  const strip = document.querySelector('svg').querySelectorAll('.hover')[%d];
                  strip.scrollIntoView({block: 'center'});
                  const box = strip.querySelector('rect').getBoundingClientRect();
                  return [box.x + box.width / 2, box.y + box.height * 0.9];
                })()
                """
                    .formatted(round / 5 - 1));
        browser.point(strip.get(0).asDouble(), strip.get(1).asDouble());
        String words =
            "round %d: %s"
                .formatted(
                    round, Html.percent(run.rounds().get(round - 1).accuracy().orElseThrow()));
        assertThat(browser.evaluate(READ_OUT).asText()).isEqualTo(words);
        assertThat(browser.evaluate(LINES).asInt())
            .as("the line that it stands beside")
            .isEqualTo(1);
        assertThat(browser.evaluate(OUTSIDE).asText()).as("within its drawing").isEmpty();
        Files.createDirectories(SHOTS);
        browser.screenshot(SHOTS.resolve("hover-%d-%d.png".formatted(width, round)));
      }
      browser.point(2, 2);
      assertThat(browser.evaluate(READ_OUT).asText()).isEmpty();
      assertThat(browser.evaluate(LINES).asInt()).isZero();
    }
  }

  /** On paper: dark on white whatever the screen's scheme is, whole tables, nothing to point at. */
  @Test
  @EnabledIf("hasChromium")
  void printedPage_isDarkOnWhite_andHidesWhatIsForPointers(@TempDir Path folder) throws Exception {
    Path page =
        Files.writeString(
            folder.resolve("report.html"),
            HtmlReport.of(RunRecords.privateRun(80), Optional.of(RunRecords.mix())));
    try (Chromium browser =
        new Chromium(Chromium.find().orElseThrow(), folder.resolve("profile"))) {
      browser.open(page, A4, 900, "dark");
      browser.asPrinted("dark");
      fits(browser, "printed");
      assertThat(browser.evaluate(COLOURS).asText()).isEmpty();
      assertThat(
              browser
                  .evaluate(
                      "[...document.querySelectorAll('.hover, .hover *')].filter(each =>"
                          + " each.getClientRects().length > 0).length")
                  .asInt())
          .isZero();
      assertThat(
              browser
                  .evaluate(
                      "[...document.querySelectorAll('.card, .rounds, .scroll, pre')].filter(each =>"
                          + " each.scrollHeight > each.clientHeight + 1 || each.scrollWidth >"
                          + " each.clientWidth + 1).map(each => each.className + ' ' +"
                          + " each.innerText.slice(0, 40)).join('; ')")
                  .asText())
          .as("parts that hide rows or columns behind a scroll bar")
          .isEmpty();
    }
  }

  /** The other pages: runs beside each other, and how rows are dealt. */
  @Test
  @EnabledIf("hasChromium")
  void otherPages_inABrowser_fitToo(@TempDir Path folder) throws Exception {
    Files.createDirectories(SHOTS);
    List<RunTable> tables = new ArrayList<>();
    for (int i = 1; i <= Comparison.MOST; i++) {
      Path run = Files.createDirectory(folder.resolve("a-run-with-a-name-" + i));
      Files.writeString(run.resolve("rounds.csv"), RoundsCsv.of(RunRecords.privateRun(12 * i)));
      tables.add(RunTable.read(run));
    }
    tables.set(
        0, tables.get(0).named("/home/somebody/build/runs_of_monday/digits_with_noise/0123456789"));
    Map<String, String> pages =
        Map.of(
            "long",
            HtmlReport.of(RunRecords.privateRun(2_500)),
            "comparison",
            new Comparison(tables).page(),
            "partition",
            new PartitionPicture(RunRecords.mix()).page("digits", "dealt by label"));
    try (Chromium browser =
        new Chromium(Chromium.find().orElseThrow(), folder.resolve("profile"))) {
      for (Map.Entry<String, String> page : pages.entrySet()) {
        Path file = Files.writeString(folder.resolve(page.getKey() + ".html"), page.getValue());
        for (int width : new int[] {390, 1280}) {
          for (String scheme : new String[] {"light", "dark"}) {
            String which = "%s-%d-%s".formatted(page.getKey(), width, scheme);
            browser.open(file, width, 900, scheme);
            fits(browser, which);
            browser.screenshot(SHOTS.resolve(which + ".png"));
          }
        }
        browser.open(file, A4, 900, "light");
        browser.asPrinted();
        fits(browser, page.getKey() + ", printed");
        browser.print(SHOTS.resolve(page.getKey() + ".pdf"));
      }
    }
  }

  /** Nothing makes the page wider than the window, and labels stand apart and whole. */
  private static void fits(Chromium browser, String which) throws Exception {
    assertThat(
            browser
                .evaluate(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth")
                .asInt())
        .as(which)
        .isZero();
    assertThat(browser.evaluate(LABELS).asText()).as(which).isEmpty();
  }

  @Test
  void page_hasNoScriptAndNoAddress() {
    String page = HtmlReport.of(RunRecords.privateRun(80));
    assertThat(page)
        .doesNotContain("<script", "http://", "https://", "url(", "@import", "NaN", "Infinity");
    assertThat(page).contains("&lt;b&gt;&amp;").doesNotContain("# <b>");
  }

  @Test
  void drawings_areWellFormed() throws Exception {
    String page = HtmlReport.of(RunRecords.plainRun(), Optional.of(RunRecords.mix()));
    int from = 0;
    int count = 0;
    while ((from = page.indexOf("<svg ", from)) >= 0) {
      int to = page.indexOf("</svg>", from) + "</svg>".length();
      DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(
              new ByteArrayInputStream(page.substring(from, to).getBytes(StandardCharsets.UTF_8)));
      from = to;
      count++;
    }
    assertThat(count).isEqualTo(10);
  }

  /** The bars of both distributions hold every client. */
  @Test
  void distributions_haveEveryClient() {
    String page = HtmlReport.of(RunRecords.privateRun(9), Optional.of(RunRecords.mix()));
    assertThat(tips(page, "[0-9.]+ %: ([0-9.]+) clients"))
        .isCloseTo(100.0, org.assertj.core.api.Assertions.within(0.5));
    assertThat(page)
        .contains("Accuracy at clients as round 9 began", "<title>20 %: 6 clients", "Mean 67.0 %")
        .contains("The noise on each bar is 2.5 clients.");
    assertThat(tips(page, "[0-9]+ rows: ([0-9]+) clients")).isEqualTo(120.0);
    assertThat(HtmlReport.of(RunRecords.privateRun(4))).doesNotContain("Clients by their rows");
  }

  /** Clients that all hold as much are a bar between whole numbers of rows. */
  @Test
  void sizes_thatAreAllTheSame_haveWholeTicks() {
    String figure = Distributions.sizes(new PartitionMix(2, 2, new int[][] {{3, 5}, {4, 4}}));
    assertThat(
            Pattern.compile("class=\"tick mid\"[^>]*>([^<]*)<")
                .matcher(figure)
                .results()
                .map(found -> found.group(1)))
        .containsExactly("5", "6", "7", "8", "9", "10", "11", "rows of a client");
  }

  /** Lines go through the lowest and the highest of many rounds, and bars are the means of some. */
  @Test
  void drawingsOfManyRounds_areNoLarger_andLeaveNoPeakOut() {
    int rounds = 100_000;
    List<Chart.Point> points = new ArrayList<>();
    for (int round = 1; round <= rounds; round++) {
      double y = round == 77_777 ? 9 : round == 77_778 ? -9 : 1;
      points.add(new Chart.Point(round, y, "round " + round));
    }
    List<Chart.Series> one = List.of(new Chart.Series("in", "one", points));
    String lines = Chart.lines("a", "b", rounds, false, one, Optional.empty());
    assertThat(lines)
        .hasSizeLessThan(200_000)
        .contains("<title>round 1<", "<title>round 77777<", "<title>round 77778<")
        .contains("<title>round 100000<");
    String bars = Chart.bars("a", "b", rounds, 1, one, Optional.empty());
    assertThat(bars)
        .hasSizeLessThan(100_000)
        .contains("<title>rounds 1 to 250: on average 1.0 in<")
        .contains("<title>rounds 99751 to 100000: on average 1.0 in<");
  }

  private static double tips(String page, String pattern) {
    return Pattern.compile("<title>" + pattern)
        .matcher(page)
        .results()
        .mapToDouble(found -> Double.parseDouble(found.group(1)))
        .sum();
  }

  @Test
  void page_withoutPrivacy_saysSoPlainly() {
    String page = HtmlReport.of(RunRecords.plainRun());
    assertThat(page)
        .contains("bounded by nothing", "The run ended after 10 of 40 rounds: interrupted.");
    assertThat(page).doesNotContain("Epsilon spent");
  }

  @Test
  void page_ofASimulation_saysThatItsNoiseIsRepeatable() {
    assertThat(HtmlReport.of(RunRecords.privateRun(5))).contains("Whoever knows the seed");
    assertThat(HtmlReport.of(RunRecords.plainRun())).doesNotContain("Whoever knows the seed");
  }
}
