package dev.tributary.nn;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.tributary.nn.engine.nd4j.Nd4jEngine;

@AnalyzeClasses(packages = "dev.tributary.nn", importOptions = ArchitectureTest.MainClasses.class)
final class ArchitectureTest {
  /** All but the tests, wherever the build puts them. */
  static final class MainClasses implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("/test-classes/");
    }
  }

  @ArchTest
  static final ArchRule nd4jStaysInItsPackage =
      noClasses()
          .that()
          .resideOutsideOfPackage("..engine.nd4j")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.nd4j..", "org.bytedeco..");

  @ArchTest
  static final ArchRule theNd4jEngineCanBeCreatedWithoutNd4j =
      noClasses()
          .that()
          .haveFullyQualifiedName(Nd4jEngine.class.getName())
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.nd4j..", "org.bytedeco..");

  @ArchTest
  static final ArchRule theVectorApiStaysInItsPackage =
      noClasses()
          .that()
          .resideOutsideOfPackage("..engine.java.vector")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("jdk.incubator..", "..engine.java.vector");

  @ArchTest
  static final ArchRule dataKnowsNoModels =
      classes()
          .that()
          .resideInAPackage("..nn.data")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "dev.tributary.nn.data", "java..", "org.jspecify..", "com.fasterxml.jackson.core..");
}
