package dev.tributary.simulation;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows between modules, and where each library may be named. This module sees all others. */
@AnalyzeClasses(packages = "dev.tributary", importOptions = ArchitectureTest.MainClasses.class)
final class ArchitectureTest {
  /** All but the tests, wherever the build puts them. */
  static final class MainClasses implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("/test-classes/");
    }
  }

  private static final String NN = "dev.tributary.nn..";
  private static final String PRIVACY = "dev.tributary.privacy..";
  private static final String WIRE = "dev.tributary.wire..";
  private static final String SECAGG = "dev.tributary.secagg..";
  private static final String PLAN = "dev.tributary.plan..";
  private static final String CLIENT = "dev.tributary.client..";
  private static final String COORDINATOR = "dev.tributary.coordinator..";
  private static final String SIMULATION = "dev.tributary.simulation..";

  private static final String[] INSECURE = {
    "dev.tributary.privacy.insecure..", "dev.tributary.secagg.insecure.."
  };

  /** The rules would hold for nothing if a module were missing from the class path. */
  @ArchTest
  static void everyModule_isSeen(JavaClasses classes) {
    for (String module :
        new String[] {NN, PRIVACY, WIRE, SECAGG, PLAN, CLIENT, COORDINATOR, SIMULATION}) {
      assertThat(classes).as(module).anyMatch(resideInAPackage(module));
    }
  }

  // Arrows between modules

  @ArchTest
  static final ArchRule coreNn_dependsOnNoOtherModule =
      noClasses()
          .that()
          .resideInAPackage(NN)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(PRIVACY, WIRE, SECAGG, PLAN, CLIENT, COORDINATOR, SIMULATION);

  @ArchTest
  static final ArchRule privacy_dependsOnTheJdkAlone =
      classes()
          .that()
          .resideInAPackage(PRIVACY)
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(PRIVACY, "java..", "javax.crypto..", "org.jspecify..");

  @ArchTest
  static final ArchRule secureAgg_dependsOnPrivacyBouncyCastleAndProtobufAlone =
      classes()
          .that()
          .resideInAnyPackage(WIRE, SECAGG, PLAN)
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              WIRE,
              SECAGG,
              PLAN,
              PRIVACY,
              "java..",
              "javax.crypto..",
              "javax.net..",
              "javax.security..",
              "com.google.protobuf..",
              "org.bouncycastle..",
              "org.jspecify..");

  @ArchTest
  static final ArchRule inSecureAgg_onlyPlanSeesPrivacy =
      noClasses()
          .that()
          .resideInAnyPackage(WIRE, SECAGG)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(PRIVACY);

  @ArchTest
  static final ArchRule clientSdk_seesNeitherCoordinatorNorSimulation =
      noClasses()
          .that()
          .resideInAPackage(CLIENT)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(COORDINATOR, SIMULATION);

  @ArchTest
  static final ArchRule coordinator_seesNeitherClientNorSimulation =
      noClasses()
          .that()
          .resideInAPackage(COORDINATOR)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(CLIENT, SIMULATION);

  @ArchTest
  static final ArchRule halvesOfTheSum_clientNeverSeesServer =
      noClasses()
          .that()
          .resideInAPackage("dev.tributary.secagg.client..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.tributary.secagg.server..");

  @ArchTest
  static final ArchRule internalsOfTheSum_stayInSecureAgg =
      classes()
          .that()
          .resideInAnyPackage(
              "dev.tributary.secagg.client..",
              "dev.tributary.secagg.server..",
              "dev.tributary.secagg.crypto..")
          .should()
          .onlyHaveDependentClassesThat()
          // The bench times single operations.
          .resideInAnyPackage(WIRE, SECAGG, PLAN, "dev.tributary.simulation.bench..");

  // Where each library may be named

  @ArchTest
  static final ArchRule nd4j_onlyInItsEngine =
      onlyIn("dev.tributary.nn.engine.nd4j..", "org.nd4j..", "org.bytedeco..");

  @ArchTest
  static final ArchRule vectorApi_onlyInItsKernels =
      onlyIn("dev.tributary.nn.engine.java.vector..", "jdk.incubator..");

  /** And where thousands of clients' connections are made, to measure it. */
  @ArchTest
  static final ArchRule vertx_onlyInCoordinatorNet =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "dev.tributary.coordinator.net..", "dev.tributary.simulation.bench..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.vertx..", "io.netty..");

  @ArchTest
  static final ArchRule micrometer_onlyInCoordinatorMetrics =
      onlyIn("dev.tributary.coordinator.metrics..", "io.micrometer..", "io.prometheus..");

  @ArchTest
  static final ArchRule sql_onlyInCoordinatorStore =
      onlyIn(
          "dev.tributary.coordinator.store..",
          "java.sql..",
          "javax.sql..",
          "org.flywaydb..",
          "com.zaxxer..",
          "org.sqlite..",
          "org.postgresql..");

  @ArchTest
  static final ArchRule bouncyCastle_onlyInSecureAgg =
      noClasses()
          .that()
          .resideOutsideOfPackages(WIRE, SECAGG, PLAN)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.bouncycastle..");

  @ArchTest
  static final ArchRule protobuf_staysOutOfPrivacyAndCoreNn =
      noClasses()
          .that()
          .resideInAnyPackage(PRIVACY, NN)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("com.google.protobuf..", WIRE);

  // Randomness

  @ArchTest
  static final ArchRule statisticalRandomness_neverProtects =
      noClasses()
          .that()
          .resideInAnyPackage(PRIVACY, WIRE, SECAGG, PLAN)
          .should()
          .dependOnClassesThat()
          .haveNameMatching(
              "java\\.util\\.(Random|SplittableRandom|concurrent\\.ThreadLocalRandom"
                  + "|random\\..*)")
          .orShould()
          .callMethod(Math.class, "random");

  @ArchTest
  static final ArchRule insecure_isNamedBySimulationsAlone =
      noClasses()
          .that(not(resideInAnyPackage(INSECURE).or(resideInAPackage(SIMULATION))))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(INSECURE);

  /**
   * Classes of the simulations beside those of the deployed code, with its chance in their hands.
   */
  @ArchTest
  static final ArchRule doorsToSeededChance_areOpenedBySimulationsAlone =
      noClasses()
          .that()
          .resideOutsideOfPackage(SIMULATION)
          .should()
          .dependOnClassesThat()
          .haveNameMatching(
              "dev\\.tributary\\.(client|coordinator)\\.Insecure(Client|Coordinator)");

  private static ArchRule onlyIn(String home, String... libraries) {
    return noClasses()
        .that()
        .resideOutsideOfPackage(home)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(libraries);
  }
}
