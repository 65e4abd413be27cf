// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mobitopolo.app.window.welcome.Sample;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.TopologyJson;
import org.mobitopolo.topology.Validator;

class SampleLabTest {

  private static final Path FOLDER = Path.of("src/main/samples");
  private static final Path FILE = FOLDER.resolve("decoupled-file-server.json");

  static List<Path> samples() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("samples")
  void samplesAreSoundAndWrittenAsTheProgramWritesThem(Path file) throws Exception {
    Topology sample = TopologyJson.read(file);
    assertThat(Validator.validate(sample)).isEmpty();
    assertThat(TopologyJson.write(sample)).isEqualTo(Files.readString(file));
    assertThat(file).hasFileName(sample.id() + ".json");
    assertThat(sample.notes()).as("what a newcomer is to try").isNotEmpty();
    assertThat(Sample.values()).as("what the window offers").extracting(Sample::file).contains(sample.id());
  }

  @Test
  void theProtocolMachineBeginsInTokyoAnOceanAwayFromItsClient() throws Exception {
    Topology sample = TopologyJson.read(FILE);
    assertThat(sample.nodes())
        .extracting(Node::name)
        .containsExactly("client", "protocol", "content");
    assertThat(sample.node("protocol").flatMap(Node::region)).contains("tokyo");
    assertThat(sample.node("content").flatMap(Node::region)).contains("tokyo");
    assertThat(sample.node("client").flatMap(Node::region)).contains("florida");
    assertThat(sample.wan("tokyo", "florida")).isPresent();
  }

  @ParameterizedTest
  @MethodSource("samples")
  void everyNodeIsDrawnInsideItsRegion(Path file) throws Exception {
    Topology sample = TopologyJson.read(file);
    for (Node node : sample.nodes()) {
      assertThat(sample.regionAt(node.position()))
          .as(node.name())
          .isEqualTo(sample.regionOf(node.id()));
    }
  }
}
