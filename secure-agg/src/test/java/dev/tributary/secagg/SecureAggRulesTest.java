package dev.tributary.secagg;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Arrows inside this module, and what nothing here may touch. */
@AnalyzeClasses(packages = "dev.tributary", importOptions = SecureAggRulesTest.MainOnly.class)
final class SecureAggRulesTest {

  /** Test classes may use what they like, wherever the build puts them. */
  static final class MainOnly implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("test-classes");
    }
  }

  @ArchTest
  static final ArchRule client_neverImportsServer =
      noClasses()
          .that()
          .resideInAPackage("dev.tributary.secagg.client..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.tributary.secagg.server..");

  @ArchTest
  static final ArchRule server_neverImportsClient =
      noClasses()
          .that()
          .resideInAPackage("dev.tributary.secagg.server..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.tributary.secagg.client..");

  /** Rows 3 and 6: no generator but a cryptographic one, and no Java serialisation. */
  @ArchTest
  static final ArchRule row3_row6_randomness_isCryptographic =
      noClasses()
          .that()
          .resideInAnyPackage(
              "dev.tributary.secagg..", "dev.tributary.plan..", "dev.tributary.wire..")
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.util.Random")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.util.SplittableRandom")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.util.concurrent.ThreadLocalRandom")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.io.ObjectInputStream")
          .orShould()
          .callMethod(Math.class, "random");

  @ArchTest
  static final ArchRule protocol_hasNoClockThreadOrFile =
      noClasses()
          .that()
          .resideInAnyPackage("dev.tributary.secagg.client..", "dev.tributary.secagg.server..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.nio.file..", "java.net..", "java.util.concurrent..")
          .orShould()
          .callMethod(java.time.Instant.class, "now")
          .orShould()
          .callMethod(System.class, "currentTimeMillis");
}
