// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import javafx.scene.input.KeyCode;
import javafx.scene.input.MouseButton;
import org.junit.jupiter.api.Test;
import org.mobitopolo.canvas.arrange.Alignment;
import org.mobitopolo.canvas.arrange.AutoLayout;
import org.mobitopolo.canvas.arrange.LayoutKind;
import org.mobitopolo.canvas.element.LinkView;
import org.mobitopolo.canvas.element.RegionView;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Note;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.edit.ChangeNote;
import org.mobitopolo.topology.edit.Edit;
import org.mobitopolo.topology.edit.MoveNodes;

class ArrangeGestureTest extends CanvasTest {

  @Test
  void shiftAndArrowsMoveFar() {
    robot.clickOn(at("content"));
    robot.push(KeyCode.SHIFT, KeyCode.RIGHT);
    assertThat(positionOf("content")).isEqualTo(new Point(352, 320));
  }

  @Test
  void theSelectionIsAlignedAsOneEditAndGlidesThere() throws Exception {
    robot.clickOn(at("lan"));
    robot.press(KeyCode.SHIFT).clickOn(at("client")).release(KeyCode.SHIFT);
    robot.interact(() -> canvas.align(Alignment.LEFT));
    assertThat(edits).hasSize(1);
    waitUntil(() -> nodeView("lan").box().left() == nodeView("client").box().left(), 10);
    Edit back = onlyEdit().inverse(Examples.sample());
    assertThat(back.apply(on(() -> canvas.topology()))).isEqualTo(Examples.sample());
  }

  @Test
  void theKeyLLinksTheSelectedNodes() {
    robot.clickOn(at("lan"));
    robot.press(KeyCode.SHIFT).clickOn(at("client")).release(KeyCode.SHIFT);
    robot.push(KeyCode.L);
    assertThat(edits).hasSize(1);
    Link made = on(() -> canvas.topology().links().getLast());
    assertThat(Set.of(made.a().node(), made.b().node())).isEqualTo(Set.of("lan", "client"));
  }

  @Test
  void anAutomaticLayoutGlidesNodesAndRegions() throws Exception {
    Topology before = on(() -> canvas.topology());
    Edit edit = AutoLayout.of(before, Set.of(), LayoutKind.TREE, () -> false).orElseThrow();
    Topology after = edit.apply(before);
    robot.interact(() -> canvas.setTopology(after));
    RegionView florida = (RegionView) find("#region-florida");
    waitUntil(
        () -> florida.box().toBounds().equals(after.region("florida").orElseThrow().bounds()), 10);
    assertThat(nodeView("lan").centre())
        .isEqualTo(after.node("lan").orElseThrow().position());
  }

  @Test
  void fittingLooksAheadToWhereThingsGlide() throws Exception {
    Topology far =
        new MoveNodes(Map.of("lan", new Point(5000, 3000))).apply(on(() -> canvas.topology()));
    robot.interact(
        () -> {
          canvas.setTopology(far);
          canvas.fit();
        });
    waitUntil(() -> canvas.toView(new Point(5000, 3000)).x() < canvas.getWidth(), 10);
    assertThat(on(() -> canvas.toView(new Point(5000, 3000)).y())).isLessThan(700);
  }

  private LinkView link(String id) {
    return (LinkView) find("#link-" + id);
  }

  @Test
  void aLinkGoesAroundANodeThatIsDroppedInItsWayAndBackWhenItLeaves() throws Exception {
    // protocol and content stand above each other in Tokyo, with room for the client between
    Topology sample = Examples.sample();
    Topology spread =
        sample.withNodes(
            sample.nodes().stream()
                .map(node -> node.id().equals("content") ? node.withPosition(new Point(272, 384)) : node)
                .toList());
    show(spread);
    assertThat(on(() -> link("link-2").curve().points())).hasSize(2);
    dragWithoutRelease(at("lan"), at(272, 264));
    robot.release(MouseButton.PRIMARY);
    Box lan = on(() -> nodeView("lan").box());
    waitUntil(() -> link("link-2").curve().points().size() > 2, 10);
    List<Point> way = on(() -> link("link-2").curve().points());
    assertThat(way).noneMatch(lan::contains);
    drag(at("lan"), at(848, 320));
    waitUntil(() -> link("link-2").curve().points().size() == 2, 10);
  }

  @Test
  void parallelLinksRunApart() {
    Topology sample = Examples.sample();
    Topology parallel =
        sample.withLinks(
            List.of(
                sample.links().get(0),
                sample.links().get(1),
                Link.create("link-3", new End("protocol", "eth0"), new End("content", "eth0"))));
    show(parallel);
    Point one = on(() -> link("link-2").curve().at(link("link-2").curve().length() / 2).point());
    Point other = on(() -> link("link-3").curve().at(link("link-3").curve().length() / 2).point());
    assertThat(Math.abs(one.x() - other.x())).isGreaterThan(20);
  }

  @Test
  void anAreaIsGrabbedAtItsTitleAndARubberBandBeginsInIt() {
    Topology sample = Examples.sample();
    show(
        sample.withNotes(
            List.of(
                new Note(
                    "area", "Core", new Bounds(640, 220, 420, 180), "teal", Note.Kind.AREA))));
    dragWithoutRelease(at(700, 390), at(1000, 280));
    assertThat(find(".rubber-band")).isNotNull();
    robot.release(MouseButton.PRIMARY);
    assertThat(on(() -> canvas.selection().ids())).containsExactly("lan");
    drag(at(660, 230), at(660, 230).add(32, 16));
    assertThat(((ChangeNote) onlyEdit()).note().bounds())
        .isEqualTo(new Bounds(672, 240, 420, 180));
  }
}
