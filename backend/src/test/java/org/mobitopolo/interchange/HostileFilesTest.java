// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobitopolo.topology.Validator;

/** Files that were made to do harm, and files that were damaged. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class HostileFilesTest {

  @TempDir private Path folder;

  private void refused(String name, String text, String... words) {
    assertThatThrownBy(() -> Labs.read(folder, name, text))
        .isInstanceOf(ImportException.class)
        .hasMessageContainingAll(words);
  }

  @Test
  void yamlThatGrowsByAliasesIsRefused() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 40; i++) {
      bomb.append("a%d: &a%d [".formatted(i, i))
          .append("*a%d, ".formatted(i - 1).repeat(9))
          .append("*a%d]\n".formatted(i - 1));
    }
    refused("bomb.yml", bomb + "topology: {}\n", "bomb.yml");
    // few aliases, which the library alone would let pass
    StringBuilder few = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 24; i++) {
      few.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    }
    refused("few.yml", few + "topology: {}\n", "few.yml", "aliases");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "topology: !!java.net.URL [\"http://127.0.0.1/\"]",
        "topology: !<tag:yaml.org,2002:javax.script.ScriptEngineManager> []",
        "? *x\n: &x topology",
        "topology:\n  nodes: {a: 1, a: 2}",
        "topology: [",
        "- a\n- b",
        "\t",
      })
  void yamlWithTypesOrFaultsIsRefused(String text) {
    refused("x.yml", text, "x.yml");
  }

  @Test
  void deepYamlIsRefused() {
    refused("deep.yml", "topology: " + "[".repeat(100_000), "deep.yml");
    refused("deep.yml", "topology: " + "[".repeat(80) + "]".repeat(80), "nested");
  }

  @Test
  void xmlWithEntitiesIsRefusedAndNoFileIsLookedAt() throws Exception {
    Files.writeString(folder.resolve("secret"), "the-key");
    String outside =
        "<?xml version='1.0'?><!DOCTYPE scenario [<!ENTITY x SYSTEM '"
            + folder.resolve("secret").toUri()
            + "'>]><scenario name='a'><devices><device id='1' name='&x;'/></devices></scenario>";
    assertThatThrownBy(() -> Labs.read(folder, "x.xml", outside))
        .isInstanceOf(ImportException.class)
        .hasMessageContaining("x.xml")
        .hasMessageNotContaining("the-key");
    StringBuilder laughs =
        new StringBuilder("<!DOCTYPE graphml [<!ENTITY l0 'ha'>");
    for (int i = 1; i < 30; i++) {
      laughs.append("<!ENTITY l%d '&l%d;&l%d;'>".formatted(i, i - 1, i - 1));
    }
    refused("x.graphml", laughs + "]><graphml><graph><node id='&l29;'/></graph></graphml>", "x.graphml");
    refused("d.xml", "<scenario>" + "<a>".repeat(1000), "nested");
    refused("o.xml", "<other/>", "<other>", "<scenario>");
  }

  @Test
  void anArchiveThatClimbsOutIsRefusedAsAWhole() throws Exception {
    for (String name : new String[] {"../evil", "a/../../evil", "/etc/evil", "a\\..\\evil", "C:evil"}) {
      Path archive = folder.resolve("evil.gns3project");
      try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive))) {
        zip.putNextEntry(new ZipEntry("project.gns3"));
        Files.copy(Labs.FOLDER.resolve("gns3/office.gns3"), zip);
        zip.putNextEntry(new ZipEntry(name));
      }
      assertThatThrownBy(() -> LabImport.read(archive, Optional.empty()))
          .isInstanceOf(ImportException.class)
          .hasMessageContaining("points out of the project");
    }
  }

  @Test
  void anArchiveThatGrowsIsReadUpToTheLimitOnly() throws Exception {
    Path archive = folder.resolve("bomb.gns3project");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive))) {
      zip.putNextEntry(new ZipEntry("project.gns3"));
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < 200; i++) {
        zip.write(zeros);
      }
    }
    assertThat(Files.size(archive)).isLessThan(1 << 20);
    assertThatThrownBy(() -> LabImport.read(archive, Optional.empty()))
        .isInstanceOf(ImportException.class)
        .hasMessageContaining("longer than");
  }

  @Test
  void namesNumbersAndPlacesBeyondAllBoundsAreBroughtIn() throws Exception {
    Imported lab =
        Labs.read(
            folder,
            "odd.yml",
            """
            name: "  "
            topology:
              nodes:
                "../../etc": {kind: linux, memory: 99999999Gb, labels: {graph-posX: "1e308", graph-posY: "-1e308"}}
                "x y": {kind: linux, env: {"a b": 1, "LD=": 2}, exec: ["", 7, null, {}]}
                "x-y": {kind: linux, labels: {graph-posX: NaN, graph-posY: Infinity}}
                "link-1": {kind: linux}
                "here": {kind: linux}
                "日本": {kind: linux}
                "\\u0000": null
              links:
                - endpoints: ["x y:eth99", "x-y:eth0"]
                - endpoints: [1, 2]
                - endpoints: "a:b"
                - nonsense
            """);
    assertThat(Validator.errors(lab.topology())).isEmpty();
    assertThat(lab.topology().nodes()).hasSize(7);
    assertThat(lab.topology().links()).hasSize(1);
    assertThat(lab.topology().name()).isEqualTo("odd");
  }

  static Stream<Path> files() {
    return Stream.of(
            "containerlab/web.clab.yml",
            "gns3/office.gns3",
            "graph/backbone.graphml",
            "graph/backbone.gml",
            "core/campus.xml")
        .map(Labs.FOLDER::resolve);
  }

  /** Damages real files in a thousand ways: each gives a sound lab or a sentence, nothing else. */
  @ParameterizedTest
  @MethodSource("files")
  void damageNeverGivesAnythingButALabOrASentence(Path file) throws Exception {
    byte[] whole = Files.readAllBytes(file);
    Random random = new Random(file.getFileName().toString().hashCode());
    Path damaged = folder.resolve(file.getFileName());
    int labs = 0;
    for (int round = 0; round < 1000; round++) {
      byte[] bytes = whole.clone();
      for (int i = random.nextInt(1, 8); i > 0; i--) {
        int at = random.nextInt(bytes.length);
        switch (random.nextInt(3)) {
          case 0 -> bytes[at] = (byte) random.nextInt(256);
          case 1 -> bytes[at] = whole[random.nextInt(whole.length)];
          default -> {
            int length = Math.min(random.nextInt(1, 40), whole.length - at);
            System.arraycopy(whole, random.nextInt(whole.length - length), bytes, at, length);
          }
        }
      }
      Files.write(damaged, bytes);
      try {
        Imported lab = LabImport.read(damaged, Optional.empty());
        assertThat(Validator.errors(lab.topology())).isEmpty();
        labs++;
      } catch (ImportException e) {
        assertThat(e.getMessage()).endsWith(".").contains(" ");
      }
    }
    assertThat(labs).as("some damage is harmless").isPositive();
  }
}
