import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Holds a report of pitest against the committed list of survivors: a mutant that survives and is
 * not listed fails, and so does a kill rate below 85 %. The profiles named mutation-* run it.
 *
 * <p>A mutant is named by class, method, mutator and description and, since a method may have
 * several such, by its rank among them in the order of the bytecode: lines may move. A line of the
 * list is that name, two spaces, {@code #} and a reason. A listed mutant that is killed now is told
 * and does not fail: whether a mutant runs into the time limit depends on the machine.
 */
final class MutationSurvivors {

  private static final double LEAST_KILLED = 0.85;

  private record Mutant(String name, int index, boolean killed) {}

  /** Arguments: the list and the report. */
  public static void main(String[] arguments) throws Exception {
    Path list = Path.of(arguments[0]);
    Map<String, Boolean> mutants = read(Path.of(arguments[1]));
    long killed = mutants.values().stream().filter(k -> k).count();
    System.out.printf(
        "%s: killed %d of %d mutants (%.1f %%)%n",
        list.getFileName(), killed, mutants.size(), 100.0 * killed / mutants.size());
    Set<String> listed = listed(list);
    for (String name : listed) {
      if (!mutants.containsKey(name)) {
        System.out.println("listed, but no mutant: " + name);
      } else if (mutants.get(name)) {
        System.out.println("listed, but killed: " + name);
      }
    }
    List<String> unknown =
        mutants.keySet().stream()
            .filter(name -> !mutants.get(name) && !listed.contains(name))
            .toList();
    unknown.forEach(name -> System.out.println("new survivor: " + name));
    if (!unknown.isEmpty() || mutants.isEmpty() || killed < LEAST_KILLED * mutants.size()) {
      System.out.printf(
          "%d new survivors, and at least %.0f %% are to be killed%n",
          unknown.size(), 100 * LEAST_KILLED);
      System.exit(1);
    }
  }

  private static Set<String> listed(Path list) throws IOException {
    Set<String> names = new TreeSet<>();
    for (String line : Files.readAllLines(list)) {
      if (!line.isBlank() && !line.startsWith("#")) {
        int reason = line.indexOf("  #");
        if (reason < 0 || line.substring(reason + 3).isBlank()) {
          throw new IllegalStateException("no reason is given for: " + line);
        }
        names.add(line.substring(0, reason).strip());
      }
    }
    return names;
  }

  private static Map<String, Boolean> read(Path report) throws Exception {
    NodeList nodes =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(report.toFile())
            .getElementsByTagName("mutation");
    List<Mutant> mutants = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      mutants.add(mutant((Element) nodes.item(i)));
    }
    mutants.sort(Comparator.comparingInt(Mutant::index));
    Map<String, Integer> ranks = new HashMap<>();
    Map<String, Boolean> killed = new TreeMap<>();
    for (Mutant mutant : mutants) {
      int rank = ranks.merge(mutant.name, 1, Integer::sum);
      killed.put(mutant.name + " | " + rank, mutant.killed);
    }
    return killed;
  }

  private static Mutant mutant(Element element) {
    String type = text(element, "mutatedClass");
    String mutator = text(element, "mutator");
    String arguments = text(element, "methodDescription");
    String name =
        String.join(
            " | ",
            type.replaceFirst("^dev[.]tributary[.]", ""),
            text(element, "mutatedMethod")
                + arguments
                    .substring(0, arguments.indexOf(')') + 1)
                    .replaceAll("L(?:[\\w$]+/)+", ""),
            mutator.substring(mutator.lastIndexOf('.') + 1).replace("Mutator", ""),
            text(element, "description").replaceAll("[\\w$]+/", ""));
    return new Mutant(
        name,
        Integer.parseInt(text(element, "index")),
        Boolean.parseBoolean(element.getAttribute("detected")));
  }

  private static String text(Element element, String tag) {
    return element.getElementsByTagName(tag).item(0).getTextContent().strip();
  }
}
