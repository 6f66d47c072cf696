package dev.tributary.coordinator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Which way the module's arrows point. */
@AnalyzeClasses(
    packages = "dev.tributary.coordinator",
    importOptions = ArchitectureTest.MainClasses.class)
class ArchitectureTest {
  /** Whatever the folder of the build is called. */
  static final class MainClasses implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("/test-classes/");
    }
  }

  @ArchTest
  static final ArchRule NO_CLIENT =
      noClasses().should().dependOnClassesThat().resideInAPackage("dev.tributary.client..");

  @ArchTest
  static final ArchRule VERTX_IN_NET_ALONE =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.tributary.coordinator.net")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.vertx..", "io.netty..", "picocli..");

  @ArchTest
  static final ArchRule MICROMETER_IN_METRICS_ALONE =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.tributary.coordinator.metrics")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.micrometer..");

  @ArchTest
  static final ArchRule SQL_IN_THE_STORE_ALONE =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.tributary.coordinator.store")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.sql..", "com.zaxxer..", "org.flywaydb..");

  @ArchTest
  static final ArchRule NOTHING_INSECURE =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.tributary.secagg.insecure", "dev.tributary.privacy.insecure");

  @ArchTest
  static final ArchRule NO_RANDOM_OF_ITS_OWN =
      noClasses().should().dependOnClassesThat().haveFullyQualifiedName("java.util.Random");
}
