// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.TopologyJson;
import org.mobitopolo.topology.Validator;

class SampleLabTest {

  private static final Path FILE = Path.of("src/main/samples/decoupled-file-server.json");

  @Test
  void theSampleIsSoundAndWrittenAsTheProgramWritesIt() throws Exception {
    Topology sample = TopologyJson.read(FILE);
    assertThat(Validator.validate(sample)).isEmpty();
    assertThat(TopologyJson.write(sample)).isEqualTo(Files.readString(FILE));
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

  @Test
  void everyNodeIsDrawnInsideItsRegion() throws Exception {
    Topology sample = TopologyJson.read(FILE);
    for (Node node : sample.nodes()) {
      assertThat(sample.regionAt(node.position()))
          .as(node.name())
          .isEqualTo(sample.regionOf(node.id()));
    }
  }
}
