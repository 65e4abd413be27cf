// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.arrange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Note;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.edit.Edit;

class AutoLayoutTest {

  private static Topology arrange(Topology topology, LayoutKind kind, String... ids) {
    return AutoLayout.of(topology, Set.of(ids), kind, () -> false).orElseThrow().apply(topology);
  }

  private static Point at(Topology topology, String node) {
    return topology.node(node).orElseThrow().position();
  }

  private static void assertNothingOverlaps(Topology topology) {
    List<Node> nodes = topology.nodes();
    for (int i = 0; i < nodes.size(); i++) {
      for (int j = i + 1; j < nodes.size(); j++) {
        assertThat(Cards.box(nodes.get(i)).intersects(Cards.box(nodes.get(j))))
            .as(nodes.get(i).name() + " over " + nodes.get(j).name())
            .isFalse();
      }
    }
    List<Region> regions = topology.regions();
    for (int i = 0; i < regions.size(); i++) {
      Box box = Box.of(regions.get(i).bounds());
      for (int j = i + 1; j < regions.size(); j++) {
        assertThat(box.intersects(Box.of(regions.get(j).bounds())))
            .as(regions.get(i).name() + " over " + regions.get(j).name())
            .isFalse();
      }
      for (Node node : nodes) {
        Box card = Cards.box(node);
        boolean home = node.region().equals(Optional.of(regions.get(i).id()));
        assertThat(home ? box.union(card).equals(box) : !box.intersects(card))
            .as(node.name() + " and " + regions.get(i).name())
            .isTrue();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(LayoutKind.class)
  void everythingFindsAPlaceAndStaysInItsRegion(LayoutKind kind) {
    Networks net = Networks.leafSpine("dc").region("dc", 0, 0).region("empty", 50, 50);
    net.region("home", 100, 100).node("laptop", "home").node("printer", "home");
    net.node("loose", null).link("laptop", "printer").link("laptop", "spine1");
    net.link("loose", "laptop");
    Topology before = net.build();
    Edit edit = AutoLayout.of(before, Set.of(), kind, () -> false).orElseThrow();
    Topology after = edit.apply(before);
    assertNothingOverlaps(after);
    for (Node node : before.nodes()) {
      assertThat(after.node(node.id()).orElseThrow().region()).isEqualTo(node.region());
    }
    assertThat(edit.inverse(before).apply(after)).isEqualTo(before);
  }

  @Test
  void tiersOfALeafSpineNetworkStandInLine() {
    Topology after = arrange(Networks.leafSpine(null).build(), LayoutKind.LAYERED);
    boolean across = at(after, "spine1").x() == at(after, "spine2").x();
    List<String> leaves = List.of("leaf1", "leaf2", "leaf3", "leaf4");
    assertThat(leaves)
        .allSatisfy(
            leaf ->
                assertThat(across ? at(after, leaf).x() : at(after, leaf).y())
                    .isEqualTo(across ? at(after, "leaf1").x() : at(after, "leaf1").y()));
    double spine = across ? at(after, "spine1").x() : at(after, "spine1").y();
    double leaf = across ? at(after, "leaf1").x() : at(after, "leaf1").y();
    double host = across ? at(after, "host11").x() : at(after, "host11").y();
    assertThat(spine).isLessThan(leaf);
    assertThat(leaf).isLessThan(host);
  }

  @Test
  void aRingIsDrawnAsARing() {
    Topology after = arrange(Networks.ring(8, null).build(), LayoutKind.CIRCLE);
    List<Point> points = IntStream.range(0, 8).mapToObj(i -> at(after, "n" + i)).toList();
    double middleX = points.stream().mapToDouble(Point::x).average().orElseThrow();
    double middleY = points.stream().mapToDouble(Point::y).average().orElseThrow();
    double turned = 0;
    for (int i = 0; i < 8; i++) {
      Point from = points.get(i);
      Point to = points.get((i + 1) % 8);
      double turn =
          Math.atan2(to.y() - middleY, to.x() - middleX)
              - Math.atan2(from.y() - middleY, from.x() - middleX);
      turned += Math.IEEEremainder(turn, 2 * Math.PI);
    }
    assertThat(Math.abs(turned)).isCloseTo(2 * Math.PI, within(0.001));
  }

  @Test
  void theHubOfAStarStandsInTheMiddle() {
    Networks net = new Networks().node("hub", null);
    for (int i = 0; i < 9; i++) {
      net.node("n" + i, null).link("hub", "n" + i);
    }
    Topology after = arrange(net.build(), LayoutKind.CIRCLE);
    assertThat(IntStream.range(0, 9).mapToDouble(i -> at(after, "n" + i).x()).average())
        .hasValueCloseTo(at(after, "hub").x(), within(16.0));
    Topology tree = arrange(net.build(), LayoutKind.TREE);
    assertThat(IntStream.range(0, 9).mapToObj(i -> at(tree, "n" + i).y()))
        .allSatisfy(y -> assertThat(y).isGreaterThan(at(tree, "hub").y() + 100));
  }

  @Test
  void forcesKeepNeighboursNearAndStrangersFar() {
    Networks line = new Networks();
    for (int i = 0; i < 10; i++) {
      line.node("n" + i, null);
      if (i > 0) {
        line.link("n" + (i - 1), "n" + i);
      }
    }
    Topology after = arrange(line.build(), LayoutKind.FORCE);
    Point first = at(after, "n0");
    Point second = at(after, "n1");
    Point last = at(after, "n9");
    assertThat(Math.hypot(last.x() - first.x(), last.y() - first.y()))
        .isGreaterThan(4 * Math.hypot(second.x() - first.x(), second.y() - first.y()));
  }

  @Test
  void onlyTheChosenNodesMoveAndTheirRegionGrowsAroundThem() {
    Networks net = Networks.ring(12, "lab").region("lab", 0, 0).node("other", "lab");
    Topology before = net.build();
    String[] chosen = IntStream.range(0, 12).mapToObj(i -> "n" + i).toArray(String[]::new);
    Topology after = arrange(before, LayoutKind.CIRCLE, chosen);
    assertThat(at(after, "other")).isEqualTo(at(before, "other"));
    Box lab = Box.of(after.region("lab").orElseThrow().bounds());
    assertThat(lab.left()).isZero();
    assertThat(lab.top()).isZero();
    for (String id : chosen) {
      Box card = Cards.box(after.node(id).orElseThrow());
      assertThat(lab.union(card)).isEqualTo(lab);
    }
  }

  @Test
  void aRegionStandsForAllInIt() {
    Networks net = Networks.ring(4, "lab").region("lab", 0, 0).node("outside", null);
    Topology before = net.build();
    Topology after = arrange(before, LayoutKind.CIRCLE, "lab");
    assertThat(at(after, "outside")).isEqualTo(at(before, "outside"));
    assertThat(at(after, "n0")).isNotEqualTo(at(before, "n0"));
  }

  @Test
  void notesGoWithTheirRegionAndOthersOutOfTheWay() {
    Topology before =
        Networks.leafSpine("dc")
            .region("dc", 700, 0)
            .build()
            .withNotes(
                List.of(
                    new Note("in", "inside", new Bounds(720, 60, 100, 60), "gray"),
                    new Note("out", "outside", new Bounds(100, 100, 200, 100), "gray")));
    Topology after = arrange(before, LayoutKind.LAYERED);
    Bounds dc = after.region("dc").orElseThrow().bounds();
    Bounds in = after.note("in").orElseThrow().bounds();
    assertThat(in.x() - dc.x()).isEqualTo(20);
    assertThat(in.y() - dc.y()).isEqualTo(60);
    Box out = Box.of(after.note("out").orElseThrow().bounds());
    assertThat(out.intersects(Box.of(dc))).isFalse();
  }

  @Test
  void aCancelledLayoutChangesNothing() {
    Topology before = Networks.leafSpine(null).build();
    for (LayoutKind kind : LayoutKind.values()) {
      assertThatThrownBy(() -> AutoLayout.of(before, Set.of(), kind, () -> true))
          .isInstanceOf(CancellationException.class);
    }
  }

  @ParameterizedTest
  @EnumSource(LayoutKind.class)
  void aThousandNodesCanBeArranged(LayoutKind kind) {
    Networks net = new Networks();
    for (int i = 0; i < 10; i++) {
      net.region("r" + i, i * 50, 0);
    }
    for (int i = 0; i < 1000; i++) {
      net.node("n" + i, "r" + i / 100);
      if (i > 0) {
        net.link("n" + (i - 1) / 2, "n" + i);
      }
    }
    Topology before = net.build();
    long start = System.nanoTime();
    Topology after = arrange(before, kind);
    System.out.printf(
        "1000 nodes %s: %d ms%n", kind, (System.nanoTime() - start) / 1_000_000);
    assertThat(after.nodes()).extracting(Node::position).doesNotHaveDuplicates();
    assertThat(after.regions()).allMatch(region -> region.host().equals(HostUrl.LOCAL));
  }
}
