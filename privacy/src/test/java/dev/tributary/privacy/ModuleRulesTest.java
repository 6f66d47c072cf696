package dev.tributary.privacy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
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

  /**
   * Pitfalls P19, P20 and P25: no clock, no predictable generator, no seed in the production path.
   */
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
