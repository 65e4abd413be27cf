// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopologyJsonTest {

  private static final String HEAD =
      "{\"format\":\"mobitopolo-topology\",\"version\":1,\"id\":\"lab\",\"name\":\"Lab\"";

  @Test
  void aTopologyWithEveryFieldSurvivesWritingAndReading() throws Exception {
    Topology full = Samples.full();
    assertThat(TopologyJson.read(TopologyJson.write(full), "x")).isEqualTo(full);
    assertThat(TopologyJson.read(TopologyJson.writeLine(full), "x")).isEqualTo(full);
  }

  @Test
  void writingIsStable() throws Exception {
    String text = TopologyJson.write(Samples.full());
    assertThat(TopologyJson.write(TopologyJson.read(text, "x"))).isEqualTo(text);
    assertThat(text)
        .endsWith("}\n")
        .doesNotContain("\r")
        .contains("\n  \"name\": \"Everything\"")
        .contains("\"y\": 90.5")
        .contains("\"x\": 80,");
    assertThat(TopologyJson.writeLine(Samples.full())).doesNotContain("\n");
  }

  @Test
  void whatMayBeMissingTakesItsDefault() throws Exception {
    Topology topology =
        TopologyJson.read(
            HEAD + ",\"nodes\":[{\"id\":\"a\",\"name\":\"a\",\"kind\":\"vm\",\"x\":1,\"y\":2}]}",
            "x");
    assertThat(topology.nodes()).containsExactly(VirtualMachine.create("a", "a", new Point(1, 2)));
    assertThat(TopologyJson.read(HEAD + "}", "x")).isEqualTo(Topology.empty("lab", "Lab"));
  }

  @Test
  void aNewerVersionIsRefusedWithAdvice() {
    assertThat(
            fault(
                "{\"format\":\"mobitopolo-topology\",\"version\":2,\"id\":\"lab\",\"future\":true}"))
        .hasMessageContaining("newer Mobitopolo")
        .hasMessageContaining("version 2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "   ",
        "{",
        "[]",
        "null",
        "{}",
        "{\"format\":\"gns3\"}",
        "not json",
        "{\"format\":\"mobitopolo-topology\"}"
      })
  void whatIsNoTopologyIsRefused(String text) {
    assertThat(fault(text)).hasMessageStartingWith("lab.json").hasMessageEndingWith(".");
  }

  @Test
  void aFaultIsToldWithLineColumnAndPath() {
    TopologyFormatException fault =
        fault(
            """
            {
              "format": "mobitopolo-topology",
              "version": 1,
              "id": "lab",
              "name": "Lab",
              "nodes": [
                {"id": "a", "name": "a", "kind": "vm", "x": 1, "y": 2,
                 "memory": "64XB"}
              ]
            }
            """);
    assertThat(fault)
        .hasMessageContaining("lab.json, line 8, column 16")
        .hasMessageContaining("nodes[0].memory")
        .hasMessageContaining("64MiB");
    assertThat(fault.line()).isEqualTo(8);
    assertThat(fault.column()).isEqualTo(16);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"memry\":\"64MiB\"|memry: there is no field of this name",
        "\"region\":\"to kyo\"|can't be an id",
        "\"kind\":\"vm\"|",
        "\"env\":{\"A\":1}|env.A: a text in quotes",
        "\"env\":[]|env: an object in braces",
        "\"nics\":{}|nics: a list in brackets",
        "\"nics\":[{\"name\":\"eth0\",\"mac\":\"xx\"}]|nics[0]: \"xx\" is not a MAC address",
        "\"nics\":[{\"name\":\"eth0\"}]|nics[0]: the field \"mac\" is missing",
        "\"symbol\":\"toaster\"|Write one of: vm, client, server, router",
        "\"forward\":\"yes\"|forward: true or false",
        "\"routes\":[{\"to\":\"default\",\"via\":\"nowhere\"}]|routes[0].via: \"nowhere\" is not an"
            + " IP address",
        "\"x\":3|",
        "\"startup\":[\"a\",1]|startup[1]: a text in quotes"
      })
  void slipsInANodeAreTold(String field, String message) {
    String text =
        HEAD
            + ",\"nodes\":[{\"id\":\"a\",\"name\":\"a\",\"kind\":\"vm\",\"x\":1,\"y\":2,"
            + field
            + "}]}";
    TopologyFormatException fault = fault(text);
    if (message == null) {
      assertThat(fault).hasMessageContaining("Duplicate");
    } else {
      assertThat(fault).hasMessageContaining("nodes[0]").hasMessageContaining(message);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"loss\":\"200%\"}",
        "{\"delay\":\"85\"}",
        "{\"lossBurst\":-1}",
        "{\"rate\":8}",
        "{\"speed\":\"8Mbit\"}"
      })
  void slipsInAnImpairmentAreTold(String impairment) {
    String link =
        "{\"id\":\"l\",\"a\":{\"node\":\"a\",\"nic\":\"eth0\"},\"b\":{\"node\":\"b\",\"nic\":\"eth0\"},"
            + "\"impairments\":{\"ab\":"
            + impairment
            + "}}";
    assertThat(fault(HEAD + ",\"links\":[" + link + "]}"))
        .hasMessageContaining("links[0].impairments.ab");
  }

  @Test
  void hostileNestingAndNumbersAreRefused() {
    assertThat(fault(HEAD + ",\"nodes\":" + "[".repeat(100_000)))
        .hasMessageStartingWith("lab.json");
    assertThat(
            fault(
                HEAD
                    + ",\"nodes\":[{\"id\":\"a\",\"name\":\"a\",\"kind\":\"vm\",\"x\":1e999,\"y\":2}]}"))
        .hasMessageContaining("finite");
    assertThat(fault("{\"format\":\"mobitopolo-topology\",\"version\":1e400}"))
        .hasMessageEndingWith(".");
  }

  @Test
  void moreAfterTheEndIsRefused() {
    assertThat(fault(HEAD + "} {}")).hasMessageContaining("after the end");
  }

  @Test
  void aFileIsReplacedInOneStep(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("lab.json");
    TopologyJson.write(Samples.full(), file);
    TopologyJson.write(Samples.full().withName("Second"), file);
    assertThat(TopologyJson.read(file).name()).isEqualTo("Second");
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void unreadableFilesAreToldWithTheirName(@TempDir Path folder) throws IOException {
    Path missing = folder.resolve("missing.json");
    assertThat(
            catchThrowableOfType(TopologyFormatException.class, () -> TopologyJson.read(missing)))
        .hasMessage(missing + ": there is no such file.");
    Path binary =
        Files.write(folder.resolve("binary.json"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
    assertThat(catchThrowableOfType(TopologyFormatException.class, () -> TopologyJson.read(binary)))
        .hasMessageContaining("not UTF-8");
    assertThat(catchThrowableOfType(TopologyFormatException.class, () -> TopologyJson.read(folder)))
        .hasMessageStartingWith(folder.toString());
  }

  private static TopologyFormatException fault(String text) {
    TopologyFormatException fault =
        catchThrowableOfType(
            TopologyFormatException.class, () -> TopologyJson.read(text, "lab.json"));
    assertThat(fault).as("what reading gave").isNotNull();
    return fault;
  }
}
