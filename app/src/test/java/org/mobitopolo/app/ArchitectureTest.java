// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The walls between the parts of the program, see docs/architecture.md. */
class ArchitectureTest {

  private static final JavaClasses ALL =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("org.mobitopolo");

  private static final String[] BACKEND = {
    "org.mobitopolo.topology..",
    "org.mobitopolo.task..",
    "org.mobitopolo.host..",
    "org.mobitopolo.lab..",
    "org.mobitopolo.link..",
    "org.mobitopolo.migration..",
    "org.mobitopolo.image..",
    "org.mobitopolo.imagebuild..",
    "org.mobitopolo.interchange..",
    "org.mobitopolo.inventory..",
    "org.mobitopolo.snapshot..",
    "org.mobitopolo.replicate.."
  };

  /** A rule about packages that nobody fills any more would hold for ever. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "org.mobitopolo.topology",
        "org.mobitopolo.topology.edit",
        "org.mobitopolo.task",
        "org.mobitopolo.host",
        "org.mobitopolo.lab",
        "org.mobitopolo.link",
        "org.mobitopolo.migration",
        "org.mobitopolo.image",
        "org.mobitopolo.imagebuild",
        "org.mobitopolo.interchange",
        "org.mobitopolo.inventory",
        "org.mobitopolo.snapshot",
        "org.mobitopolo.replicate",
        "org.mobitopolo.canvas",
        "org.mobitopolo.icons",
        "org.mobitopolo.app.bench",
        "org.mobitopolo.app.cli",
        "org.mobitopolo.app.window"
      })
  void thePackagesThatTheRulesNameExist(String name) {
    assertThat(ALL.containPackage(name)).isTrue();
  }

  @Test
  void everyPackageIsCoveredByTheRules() {
    String[] known =
        Stream.concat(
                Stream.of(BACKEND),
                Stream.of(
                    "org.mobitopolo.canvas..",
                    "org.mobitopolo.icons..",
                    "org.mobitopolo.app..",
                    "org.mobitopolo.testing.."))
            .toArray(String[]::new);
    classes()
        .should()
        .resideInAnyPackage(known)
        .because(
            "a package that no rule knows would stand outside all walls; name it here and in"
                + " docs/architecture.md")
        .check(ALL);
  }

  @Test
  void whatHelpsTestsStaysInTests() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.mobitopolo.testing..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.mobitopolo.testing..")
        .because("the program is shipped without it")
        .check(ALL);
  }

  @Test
  void theBackendKnowsNoJavaFx() {
    noClasses()
        .that()
        .resideInAnyPackage(BACKEND)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "javafx..", "org.mobitopolo.canvas..", "org.mobitopolo.icons..", "org.mobitopolo.app..")
        .because("the command line and the tests use the backend on machines without a display")
        .check(ALL);
  }

  @Test
  void theCommandLineTheDemoAndTheBenchmarksKnowNoJavaFx() {
    noClasses()
        .that()
        .resideInAnyPackage("org.mobitopolo.app.cli..", "org.mobitopolo.app.demo..", "org.mobitopolo.app.bench..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("javafx..", "org.mobitopolo.canvas..", "org.mobitopolo.icons..")
        .because(
            "commands run on machines without a display, and start quickly because no window is"
                + " loaded")
        .check(ALL);
  }

  @Test
  void theTopologyStandsAlone() {
    noClasses()
        .that()
        .resideInAPackage("org.mobitopolo.topology..")
        .should()
        .dependOnClassesThat(
            DescribedPredicate.describe(
                "classes of other packages of ours",
                type ->
                    type.getPackageName().startsWith("org.mobitopolo")
                        && !type.getPackageName().startsWith("org.mobitopolo.topology")))
        .because("it is pure data: the wish, which nothing that runs may leak into")
        .check(ALL);
  }

  @Test
  void theInterchangeKnowsOfOursTheTopologyAlone() {
    noClasses()
        .that()
        .resideInAPackage("org.mobitopolo.interchange..")
        .should()
        .dependOnClassesThat(
            DescribedPredicate.describe(
                "classes of other packages of ours",
                type ->
                    type.getPackageName().startsWith("org.mobitopolo")
                        && !type.getPackageName().startsWith("org.mobitopolo.topology")
                        && !type.getPackageName().startsWith("org.mobitopolo.interchange")))
        .because("files of strangers are read where no host can be reached")
        .check(ALL);
  }

  @Test
  void onlyTheHostPackageKnowsJsch() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.mobitopolo.host..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.jcraft.jsch..")
        .because("SSH is a way to reach a host, and the library for it can be changed in one place")
        .check(ALL);
  }

  @Test
  void theCanvasKnowsOfTheBackendTheTopologyAlone() {
    noClasses()
        .that()
        .resideInAPackage("org.mobitopolo.canvas..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.mobitopolo.task..",
            "org.mobitopolo.host..",
            "org.mobitopolo.lab..",
            "org.mobitopolo.link..",
            "org.mobitopolo.migration..",
            "org.mobitopolo.image..",
            "org.mobitopolo.imagebuild..",
            "org.mobitopolo.interchange..",
    "org.mobitopolo.inventory..",
            "org.mobitopolo.snapshot..",
            "org.mobitopolo.replicate..",
            "org.mobitopolo.app..")
        .because(
            "it draws what it is given and speaks in edits, so it can be shown and tested without"
                + " any host")
        .check(ALL);
  }

  @Test
  void theIconsKnowNobody() {
    noClasses()
        .that()
        .resideInAPackage("org.mobitopolo.icons..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(BACKEND)
        .orShould()
        .dependOnClassesThat()
        .resideInAnyPackage("org.mobitopolo.canvas..", "org.mobitopolo.app..")
        .because("arrows point downward only")
        .check(ALL);
  }

  @Test
  void theBundleKnowsNoHostsAndNoLabs() {
    noClasses()
        .that()
        .resideInAPackage("org.mobitopolo.snapshot.bundle..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.mobitopolo.host..", "org.mobitopolo.lab..")
        .because("a file can be read and checked on a computer that reaches no host")
        .check(ALL);
  }

  @Test
  void theHostPackageKnowsNoLab() {
    noClasses()
        .that()
        .resideInAPackage("org.mobitopolo.host..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.mobitopolo.lab..",
            "org.mobitopolo.link..",
            "org.mobitopolo.migration..",
            "org.mobitopolo.snapshot..",
            "org.mobitopolo.replicate..")
        .because(
            "it reaches hosts and speaks their protocol; what runs there is the lab's business")
        .check(ALL);
  }

  @Test
  void thePackagesOfTheBackendHaveNoCycles() {
    slices()
        .matching("org.mobitopolo.(topology|task|host|lab|link|migration|image|imagebuild|interchange|snapshot|replicate)..")
        .should()
        .beFreeOfCycles()
        .because("each part can be read and tested with those below it only")
        .check(ALL);
  }
}
