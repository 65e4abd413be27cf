// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.arrange;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.Note;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Topology;

class ArrangerTest {
  private static final Set<String> ALL = Set.of("a", "b", "c", "note");

  private static Topology scattered() {
    Topology plain =
        new Networks().node("a", null).node("b", null).node("c", null).build();
    return plain
        .withNodes(
            List.of(
                plain.nodes().get(0).withPosition(new Point(100, 100)),
                plain.nodes().get(1).withPosition(new Point(500, 130)),
                plain.nodes().get(2).withPosition(new Point(700, 400))))
        .withNotes(List.of(new Note("note", "text", new Bounds(20, 600, 100, 50), "gray")));
  }

  private static Topology aligned(Alignment alignment) {
    Topology before = scattered();
    return Arranger.align(before, ALL, alignment).orElseThrow().apply(before);
  }

  private static List<Double> xs(Topology topology) {
    return topology.nodes().stream().map(node -> node.position().x()).toList();
  }

  private static List<Double> ys(Topology topology) {
    return topology.nodes().stream().map(node -> node.position().y()).toList();
  }

  @Test
  void edgesAndMiddlesComeIntoLine() {
    // leftmost edge: the card of a, 100 - 96
    assertThat(xs(aligned(Alignment.LEFT))).containsExactly(100.0, 100.0, 100.0);
    assertThat(aligned(Alignment.LEFT).notes().getFirst().bounds().x()).isEqualTo(4);
    assertThat(xs(aligned(Alignment.RIGHT))).containsExactly(700.0, 700.0, 700.0);
    assertThat(aligned(Alignment.RIGHT).notes().getFirst().bounds().x()).isEqualTo(696);
    assertThat(xs(aligned(Alignment.CENTRE))).containsExactly(400.0, 400.0, 400.0);
    assertThat(ys(aligned(Alignment.TOP))).containsExactly(100.0, 100.0, 100.0);
    assertThat(ys(aligned(Alignment.BOTTOM))).containsExactly(622.0, 622.0, 622.0);
    assertThat(ys(aligned(Alignment.MIDDLE))).containsExactly(361.0, 361.0, 361.0);
  }

  @Test
  void gapsBecomeEqualAndTheOutermostStay() {
    Topology before = scattered();
    Topology after =
        Arranger.distribute(before, Set.of("a", "b", "c"), true).orElseThrow().apply(before);
    assertThat(xs(after)).containsExactly(100.0, 400.0, 700.0);
    assertThat(ys(after)).isEqualTo(ys(before));
    after = Arranger.distribute(before, ALL, false).orElseThrow().apply(before);
    // cards of 56 and a note of 50 between 72 and 650 leave three gaps of 120
    assertThat(ys(after)).containsExactly(100.0, 276.0, 452.0);
    assertThat(after.notes()).isEqualTo(before.notes());
  }

  @Test
  void nothingToDoIsNoEdit() {
    Topology before = aligned(Alignment.LEFT);
    assertThat(Arranger.align(before, ALL, Alignment.LEFT)).isEmpty();
    assertThat(Arranger.align(before, Set.of("a"), Alignment.TOP)).isEmpty();
    assertThat(Arranger.distribute(before, Set.of("a", "b"), true)).isEmpty();
  }

  @Test
  void aNodeStopsAtTheBorderOfItsRegion() {
    Topology before =
        new Networks().region("lab", 0, 0).node("in", "lab").node("out", null).build();
    before =
        before.withNodes(
            List.of(
                before.nodes().get(0), before.nodes().get(1).withPosition(new Point(900, 900))));
    Topology after =
        Arranger.align(before, Set.of("in", "out"), Alignment.RIGHT).orElseThrow().apply(before);
    assertThat(after.node("in").orElseThrow().position()).isEqualTo(new Point(400 - 96, 150));
    assertThat(after.node("in").orElseThrow().region()).isEqualTo(Optional.of("lab"));
  }
}
