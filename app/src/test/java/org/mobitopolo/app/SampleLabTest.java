// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mobitopolo.app.window.welcome.Sample;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.TopologyJson;
import org.mobitopolo.topology.Validator;

class SampleLabTest {

  private static final Path FOLDER = Path.of("src/main/samples");
  private static final Path FILE = FOLDER.resolve("decoupled-file-server.json");

  /** Of a node on the canvas, around its position. */
  private static final double CARD_WIDTH = 192;

  private static final double CARD_HEIGHT = 56;

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
  void everyNodeIsDrawnInsideItsRegionAndCoversNoOther(Path file) throws Exception {
    Topology sample = TopologyJson.read(file);
    List<Point> drawn = new ArrayList<>();
    for (Node node : sample.nodes()) {
      Point at = node.position();
      Bounds region = sample.regionOf(node.id()).orElseThrow().bounds();
      Bounds room =
          new Bounds(
              region.x() + CARD_WIDTH / 2, region.y() + CARD_HEIGHT / 2, region.width() - CARD_WIDTH, region.height() - CARD_HEIGHT);
      assertThat(room.contains(at)).as(node.name()).isTrue();
      assertThat(drawn)
          .as(node.name())
          .allMatch(other -> Math.abs(other.x() - at.x()) > CARD_WIDTH || Math.abs(other.y() - at.y()) > CARD_HEIGHT);
      drawn.add(at);
    }
  }
}
