package dev.tributary.privacy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

final class ModuleRulesTest {
  private static final JavaClasses MODULE =
      new ClassFileImporter()
          .withImportOption(location -> !location.contains("/test-classes/"))
          .importPackages("dev.tributary.privacy");

  @Test
  void module_needsTheJdkAlone() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("java..", "javax.crypto..", "org.jspecify..", "dev.tributary.privacy..")
        .check(MODULE);
  }

  @DisplayName("P19, P20, P25: no clock, no predictable generator, no seed in the production path")
  @Test
  void module_knowsNoPredictableRandomness() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(Random.class, SplittableRandom.class, ThreadLocalRandom.class)
        .orShould()
        .callMethod(Math.class, "random")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .check(
            MODULE.that(
                com.tngtech.archunit.base.DescribedPredicate.describe(
                    "are not the one that asks the operating system",
                    c -> !c.getSimpleName().equals("SecureNoise"))));
  }

  /** The 28 rows of the table of pitfalls that real code has shown. */
  @Test
  void everyPitfall_isNamedByATest() {
    Set<Integer> named = new TreeSet<>();
    for (JavaMethod method :
        new ClassFileImporter()
            .importPackages("dev.tributary.privacy").stream()
                .flatMap(c -> c.getMethods().stream())
                .filter(m -> m.isAnnotatedWith(DisplayName.class))
                .toList()) {
      String name = method.getAnnotationOfType(DisplayName.class).value();
      Pattern.compile("\\bP(\\d+)\\b(?=[^:]*:)")
          .matcher(name)
          .results()
          .forEach(match -> named.add(Integer.valueOf(match.group(1))));
    }
    assertThat(named).containsExactlyElementsOf(IntStream.rangeClosed(1, 28).boxed().toList());
  }

  @Test
  void seededNoise_isNamedNowhereElse() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.tributary.privacy.insecure")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.tributary.privacy.insecure")
        .check(MODULE);
  }
}
