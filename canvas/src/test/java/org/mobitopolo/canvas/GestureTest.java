// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javafx.geometry.Point2D;
import javafx.geometry.VerticalDirection;
import javafx.scene.control.ContextMenu;
import javafx.scene.control.MenuItem;
import javafx.scene.input.KeyCode;
import javafx.scene.input.MouseButton;
import org.junit.jupiter.api.Test;
import org.mobitopolo.canvas.element.RegionView;
import org.mobitopolo.canvas.model.CanvasTarget;
import org.mobitopolo.canvas.model.Decorations;
import org.mobitopolo.canvas.model.DropAdvice;
import org.mobitopolo.canvas.model.NodeDecoration;
import org.mobitopolo.canvas.model.NodeState;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.edit.AddLink;
import org.mobitopolo.topology.edit.ChangeLink;
import org.mobitopolo.topology.edit.ChangeNode;
import org.mobitopolo.topology.edit.ChangeNote;
import org.mobitopolo.topology.edit.ChangeRegion;
import org.mobitopolo.topology.edit.Composite;
import org.mobitopolo.topology.edit.Edit;
import org.mobitopolo.topology.edit.MoveNodes;
import org.mobitopolo.topology.edit.PlaceNodes;
import org.mobitopolo.topology.edit.RemoveNode;
import org.mobitopolo.topology.edit.RenameNode;

class GestureTest extends CanvasTest {

  private Set<String> selected() {
    return on(() -> canvas.selection().ids());
  }

  @Test
  void aClickSelectsAndAClickOnFreeSpaceSelectsNothing() {
    robot.clickOn(at("protocol"));
    assertThat(selected()).containsExactly("protocol");
    robot.clickOn(at("content"));
    assertThat(selected()).containsExactly("content");
    robot.clickOn(at(560, 240));
    assertThat(selected()).isEmpty();
    assertThat(edits).isEmpty();
  }

  @Test
  void aClickWithControlAddsAndTakesAway() {
    robot.clickOn(at("protocol"));
    robot.press(KeyCode.CONTROL).clickOn(at("content")).release(KeyCode.CONTROL);
    assertThat(selected()).containsExactlyInAnyOrder("protocol", "content");
    robot.press(KeyCode.CONTROL).clickOn(at("protocol")).release(KeyCode.CONTROL);
    assertThat(selected()).containsExactly("content");
  }

  @Test
  void aClickSelectsALinkARegionAndANote() {
    robot.clickOn(at(272, 200));
    assertThat(selected()).containsExactly("link-2");
    robot.clickOn(at(60, 50));
    assertThat(selected()).containsExactly("tokyo");
    robot.clickOn(at(60, 520));
    assertThat(selected()).containsExactly("note-1");
  }

  @Test
  void aRubberBandSelectsWhatItTouches() {
    dragWithoutRelease(at(120, 100), at(340, 340));
    assertThat(find(".rubber-band")).isNotNull();
    robot.release(MouseButton.PRIMARY);
    assertThat(selected()).containsExactlyInAnyOrder("protocol", "content");
    assertThat(find(".rubber-band")).isNull();
    assertThat(edits).isEmpty();
  }

  @Test
  void controlASelectsAllNodesLinksAndNotes() {
    robot.push(KeyCode.CONTROL, KeyCode.A);
    assertThat(selected())
        .containsExactlyInAnyOrder(
            "client", "protocol", "content", "lan", "link-1", "link-2", "note-1");
  }

  @Test
  void draggingANodeWithinItsRegionMovesItToTheGrid() {
    drag(at("content"), at("content").add(-93, 41));
    assertThat(onlyEdit()).isEqualTo(new MoveNodes(Map.of("content", new Point(176, 368))));
    assertThat(nodeView("content").centre()).isEqualTo(new Point(176, 368));
  }

  @Test
  void draggingWithAltIgnoresTheGrid() {
    robot.press(KeyCode.ALT);
    drag(at("content"), at("content").add(-93, 41));
    robot.release(KeyCode.ALT);
    assertThat(onlyEdit()).isEqualTo(new MoveNodes(Map.of("content", new Point(179, 361))));
  }

  @Test
  void aNodeComesToRestInLineWithAnotherAndAGuideShowsIt() {
    robot.press(KeyCode.ALT);
    drag(at("content"), at("content").add(-93, 37));
    robot.release(KeyCode.ALT);
    edits.clear();
    // off the grid now; protocol's middle is at 272
    dragWithoutRelease(at("content"), at("content").add(97, 10));
    assertThat(find(".alignment-guide")).isNotNull();
    robot.release(MouseButton.PRIMARY);
    assertThat(positionOf("content").x()).isEqualTo(272);
    assertThat(find(".alignment-guide")).isNull();
  }

  @Test
  void draggingOneOfManySelectedNodesMovesAllByTheSameDistance() {
    robot.clickOn(at("protocol"));
    robot.press(KeyCode.CONTROL).clickOn(at("content")).release(KeyCode.CONTROL);
    drag(at("protocol"), at("protocol").add(-64, 32));
    assertThat(onlyEdit())
        .isEqualTo(
            new MoveNodes(Map.of("protocol", new Point(208, 176), "content", new Point(208, 352))));
  }

  @Test
  void draggingANodeIntoAnotherRegionPlacesItThere() {
    List<Set<String>> asked = new ArrayList<>();
    robot.interact(
        () ->
            canvas.setDropAdvisor(
                (nodes, region) -> {
                  asked.add(nodes);
                  return new DropAdvice(true, "Migrates to " + region.orElse("nowhere"));
                }));
    dragWithoutRelease(at("protocol"), at(784, 224));
    RegionView florida = (RegionView) find("#region-florida");
    assertThat(on(florida::verdictText)).isEqualTo("Migrates to florida");
    assertThat(edits).isEmpty();
    assertThat(positionOf("protocol")).isEqualTo(new Point(272, 144));
    robot.release(MouseButton.PRIMARY);
    assertThat(onlyEdit())
        .isEqualTo(
            new PlaceNodes(
                List.of(
                    new PlaceNodes.Placement(
                        "protocol", Optional.of("florida"), new Point(784, 224)))));
    assertThat(on(florida::verdictText)).isEmpty();
    // asked when it left Tokyo and when it entered Florida, not with every movement
    assertThat(asked).hasSizeLessThanOrEqualTo(2).allMatch(Set.of("protocol")::equals);
  }

  @Test
  void draggingSelectedNodesIntoAnotherRegionPlacesThemAllAsOneEdit() {
    List<Set<String>> asked = new ArrayList<>();
    robot.interact(
        () ->
            canvas.setDropAdvisor(
                (nodes, region) -> {
                  asked.add(nodes);
                  return new DropAdvice(true, "");
                }));
    robot.clickOn(at("protocol"));
    robot.press(KeyCode.CONTROL).clickOn(at("content")).release(KeyCode.CONTROL);
    drag(at("protocol"), at(752, 144));
    assertThat(asked).contains(Set.of("protocol", "content"));
    assertThat(onlyEdit()).isInstanceOf(PlaceNodes.class);
    assertThat(on(() -> canvas.topology().nodes()))
        .filteredOn(node -> Set.of("protocol", "content").contains(node.id()))
        .allSatisfy(node -> assertThat(node.region()).contains("florida"))
        .extracting(node -> node.position())
        .containsExactlyInAnyOrder(new Point(752, 144), new Point(752, 320));
  }

  @Test
  void aRefusedDropTakesTheNodeBack() throws Exception {
    robot.interact(
        () ->
            canvas.setDropAdvisor(
                (_, region) -> new DropAdvice(region.isEmpty(), "Florida is full")));
    dragWithoutRelease(at("protocol"), at(784, 224));
    assertThat(on(((RegionView) find("#region-florida"))::verdictText))
        .isEqualTo("Florida is full");
    robot.release(MouseButton.PRIMARY);
    waitUntil(() -> nodeView("protocol").centre().equals(new Point(272, 144)), 10);
    assertThat(edits).isEmpty();
  }

  @Test
  void escapeDuringADragTakesEverythingBack() throws Exception {
    dragWithoutRelease(at("protocol"), at(784, 224));
    robot.push(KeyCode.ESCAPE);
    waitUntil(() -> nodeView("protocol").centre().equals(new Point(272, 144)), 10);
    robot.moveBy(20, 20).release(MouseButton.PRIMARY);
    assertThat(edits).isEmpty();
    assertThat(selected()).containsExactly("protocol");
    robot.push(KeyCode.ESCAPE);
    assertThat(selected()).isEmpty();
  }

  @Test
  void linksFollowANodeWhileItIsDragged() {
    double before = on(() -> canvas.lookup("#link-link-2").getBoundsInParent().getMaxX());
    dragWithoutRelease(at("protocol"), at("protocol").add(128, 0));
    assertThat(on(() -> canvas.lookup("#link-link-2").getBoundsInParent().getMaxX()))
        .isGreaterThan(before + 60);
  }

  @Test
  void arrowKeysNudgeTheSelectionByTheGridAndWithAltByOnePixel() {
    robot.clickOn(at("content"));
    robot.push(KeyCode.RIGHT);
    robot.push(KeyCode.DOWN);
    assertThat(positionOf("content")).isEqualTo(new Point(288, 336));
    robot.push(KeyCode.ALT, KeyCode.LEFT);
    assertThat(positionOf("content")).isEqualTo(new Point(287, 336));
    assertThat(edits).hasSize(3).allMatch(MoveNodes.class::isInstance);
  }

  @Test
  void draggingFromAPortToAnotherNodeLinksThem() {
    robot.moveTo(at("lan"));
    Point2D port = at(848 + 80, 320);
    robot.moveTo(port);
    assertThat(find(".link-port")).isNotNull();
    dragWithoutRelease(port, at("content"));
    assertThat(find(".link-draft")).isNotNull();
    robot.release(MouseButton.PRIMARY);
    List<Edit> parts = ((Composite) onlyEdit()).edits();
    assertThat(parts).hasSize(2);
    Node grown = ((ChangeNode) parts.getFirst()).node();
    assertThat(grown.id()).isEqualTo("content");
    assertThat(grown.nics()).hasSize(2);
    AddLink link = (AddLink) parts.getLast();
    assertThat(link.link().a().nic()).isEqualTo("port0");
    assertThat(link.link().b().nic()).isEqualTo("eth1");
    assertThat(find("#link-" + link.link().id())).isNotNull();
  }

  @Test
  void aLinkDraggedToFreeSpaceIsForgotten() {
    robot.moveTo(at("lan"));
    drag(at(848 + 80, 320), at(1000, 400));
    assertThat(edits).isEmpty();
    assertThat(find(".link-draft")).isNull();
  }

  @Test
  void deleteRemovesTheSelection() {
    robot.clickOn(at("content"));
    robot.push(KeyCode.DELETE);
    assertThat(((Composite) onlyEdit()).edits()).containsExactly(new RemoveNode("content"));
    assertThat(find("#node-content")).isNull();
    assertThat(find("#link-link-2")).isNull();
    assertThat(selected()).isEmpty();
  }

  @Test
  void theMiddleButtonMovesTheView() {
    robot
        .moveTo(at(560, 300))
        .press(MouseButton.MIDDLE)
        .moveBy(60, 30)
        .moveBy(40, 20)
        .release(MouseButton.MIDDLE);
    assertThat(on(() -> canvas.toView(new Point(0, 0)))).isEqualTo(new Point(100, 50));
    assertThat(selected()).isEmpty();
  }

  @Test
  void draggingWithSpaceHeldMovesTheViewAndNotTheNode() {
    robot.press(KeyCode.SPACE);
    Point2D from = at("protocol");
    drag(from, from.add(-50, 70));
    robot.release(KeyCode.SPACE);
    assertThat(on(() -> canvas.toView(new Point(0, 0)))).isEqualTo(new Point(-50, 70));
    assertThat(edits).isEmpty();
  }

  @Test
  void theWheelZoomsAtThePointer() {
    robot.moveTo(at(848, 320));
    robot.scroll(3, VerticalDirection.UP);
    assertThat(on(() -> canvas.zoomProperty().get())).isGreaterThan(1.1);
    Point view = on(() -> canvas.toView(new Point(848, 320)));
    assertThat(view.x()).isCloseTo(848, within(2.0));
    assertThat(view.y()).isCloseTo(320, within(2.0));
    robot.scroll(6, VerticalDirection.DOWN);
    assertThat(on(() -> canvas.zoomProperty().get())).isLessThan(0.9);
  }

  @Test
  void keysFitTheViewAndZoom() throws Exception {
    robot.push(KeyCode.MINUS);
    waitUntil(() -> Math.abs(canvas.zoomProperty().get() - 0.8) < 0.001, 10);
    robot.push(KeyCode.DIGIT0);
    waitUntil(() -> canvas.zoomProperty().get() == 1, 10);
    robot
        .moveTo(at(560, 300))
        .press(MouseButton.MIDDLE)
        .moveBy(500, 300)
        .release(MouseButton.MIDDLE);
    robot.push(KeyCode.F);
    waitUntil(
        () ->
            canvas.toView(new Point(1088, 432)).x() < 1200
                && canvas.toView(new Point(32, 32)).x() > 0,
        10);
  }

  @Test
  void aDoubleClickAndEnterOpenANode() throws Exception {
    List<CanvasTarget> opened = new ArrayList<>();
    robot.interact(() -> canvas.setOnOpen(opened::add));
    doubleClick(at("client"), () -> !opened.isEmpty());
    assertThat(opened).extracting(CanvasTarget::id).containsExactly(Optional.of("client"));
    robot.push(KeyCode.ENTER);
    assertThat(opened).hasSize(2);
  }

  @Test
  void tabGoesThroughEverythingInReadingOrderAndTellsWhatItIs() {
    List<String> visited = new ArrayList<>();
    List<String> told = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      robot.push(KeyCode.TAB);
      visited.addAll(selected());
      told.add(on(() -> canvas.getAccessibleText()));
    }
    assertThat(visited)
        .containsExactly(
            "client", "protocol", "content", "lan", "tokyo", "florida", "note-1", "link-1",
            "link-2");
    assertThat(told.get(3)).startsWith("lan, switch");
    assertThat(told.get(4)).startsWith("Tokyo, region on kenji@tokyo");
    assertThat(told.get(8)).startsWith("Link from protocol to content");
    robot.push(KeyCode.SHIFT, KeyCode.TAB);
    assertThat(selected()).containsExactly("link-1");
  }

  @Test
  void theMenuOfTheSelectedElementOpensByKeysWhereItIs() {
    List<CanvasTarget> asked = new ArrayList<>();
    ContextMenu menu = on(() -> new ContextMenu(new MenuItem("Start")));
    robot.interact(
        () ->
            canvas.setContextMenuProvider(
                target -> {
                  asked.add(target);
                  return menu;
                }));
    robot.interact(() -> canvas.selection().set(Set.of("content")));
    robot.push(KeyCode.SHIFT, KeyCode.F10);
    assertThat(asked).extracting(CanvasTarget::id).containsExactly(Optional.of("content"));
    Point2D place = at("content");
    assertThat(on(menu::getAnchorX)).isCloseTo(place.getX(), within(20.0));
    assertThat(on(menu::getAnchorY)).isCloseTo(place.getY(), within(20.0));
    robot.push(KeyCode.ESCAPE);
    robot.interact(() -> canvas.selection().set(Set.of("link-2")));
    robot.push(KeyCode.SHIFT, KeyCode.F10);
    assertThat(asked.getLast().kind()).isEqualTo(CanvasTarget.Kind.LINK);
    robot.push(KeyCode.ESCAPE);
  }

  @Test
  void aRightClickSelectsAndOpensAMenuForWhatIsThere() {
    List<CanvasTarget> asked = new ArrayList<>();
    robot.interact(
        () ->
            canvas.setContextMenuProvider(
                target -> {
                  asked.add(target);
                  return new ContextMenu(new MenuItem("Start"));
                }));
    robot.clickOn(at("content"), MouseButton.SECONDARY);
    assertThat(selected()).containsExactly("content");
    assertThat(asked).extracting(CanvasTarget::kind).containsExactly(CanvasTarget.Kind.NODE);
    assertThat(robot.lookup("Start").tryQuery()).isPresent();
    robot.push(KeyCode.ESCAPE);
    robot.clickOn(at(560, 300), MouseButton.SECONDARY);
    assertThat(asked.getLast().kind()).isEqualTo(CanvasTarget.Kind.CANVAS);
    assertThat(asked.getLast().position().x()).isCloseTo(560, within(1.0));
    robot.push(KeyCode.ESCAPE);
  }

  @Test
  void draggingARegionsHeaderTakesItsNodesAlong() {
    drag(at(400, 48), at(400, 48).add(0, 96));
    List<Edit> parts = ((Composite) onlyEdit()).edits();
    assertThat(parts.getFirst()).isInstanceOf(ChangeRegion.class);
    assertThat(((ChangeRegion) parts.getFirst()).region().bounds())
        .isEqualTo(new Bounds(32, 128, 480, 400));
    assertThat(parts.getLast())
        .isEqualTo(
            new MoveNodes(Map.of("protocol", new Point(272, 240), "content", new Point(272, 416))));
  }

  @Test
  void draggingTheCornerOfASelectedRegionResizesIt() {
    robot.clickOn(at(60, 50));
    drag(at(512, 432), at(512, 432).add(30, 50));
    assertThat(((ChangeRegion) onlyEdit()).region().bounds())
        .isEqualTo(new Bounds(32, 32, 512, 448));
  }

  @Test
  void draggingANoteMovesIt() {
    drag(at(60, 520), at(60, 520).add(64, 32));
    assertThat(((ChangeNote) onlyEdit()).note().bounds()).isEqualTo(new Bounds(96, 496, 320, 72));
  }

  @Test
  void draggingALinkBendsItAndDraggingTheBendBackStraightensIt() {
    drag(at(272, 232), at(384, 232));
    assertThat(((ChangeLink) onlyEdit()).link().waypoints()).containsExactly(new Point(384, 240));
    edits.clear();
    // the bend is rounded: its line passes nearer than its corner
    drag(at(376, 240), at(272, 240));
    assertThat(((ChangeLink) onlyEdit()).link().waypoints()).isEmpty();
  }

  @Test
  void theViewMovesOnWhileANodeIsHeldAtItsEdge() throws Exception {
    dragWithoutRelease(at("client"), at(1195, 128));
    waitUntil(() -> canvas.toView(new Point(0, 0)).x() < -100, 10);
    robot.moveBy(-300, 0).release(MouseButton.PRIMARY);
    assertThat(positionOf("client").x()).isGreaterThan(950);
    Point rest = on(() -> canvas.toView(new Point(0, 0)));
    Thread.sleep(200);
    assertThat(on(() -> canvas.toView(new Point(0, 0)))).isEqualTo(rest);
  }

  @Test
  void restingOnANodeWithAnErrorTellsAllOfIt() throws Exception {
    robot.interact(
        () ->
            canvas.setDecorations(
                new Decorations(
                    Map.of(
                        "protocol",
                        NodeDecoration.of(NodeState.CRASHED)
                            .withError("The kernel stopped: out of memory. Give it more.")),
                    Map.of(),
                    Map.of())));
    robot.moveTo(at("protocol")).moveBy(3, 0);
    waitUntil(() -> robot.lookup(".tooltip").tryQuery().isPresent(), 10);
    assertThat(robot.lookup("The kernel stopped: out of memory. Give it more.").tryQuery())
        .isPresent();
    robot.moveTo(at(560, 300));
    waitUntil(() -> robot.lookup(".tooltip").tryQuery().isEmpty(), 10);
  }

  @Test
  void f2RenamesANodeWhereItStandsAndRefusesATakenName() {
    robot.clickOn(at("content"));
    robot.push(KeyCode.F2);
    robot.write("client").push(KeyCode.ENTER);
    assertThat(edits).isEmpty();
    robot.push(KeyCode.F2);
    robot.write("files").push(KeyCode.ENTER);
    assertThat(onlyEdit()).isEqualTo(new RenameNode("content", "files"));
    edits.clear();
    robot.push(KeyCode.F2);
    robot.write("other").push(KeyCode.ESCAPE);
    assertThat(edits).isEmpty();
    robot.push(KeyCode.DELETE);
    assertThat(edits).as("the canvas has the focus again").hasSize(1);
  }

  @Test
  void aDoubleClickEditsANoteWhereItStands() throws Exception {
    doubleClick(at(60, 520), () -> find(".inline-editor") != null);
    robot.push(KeyCode.CONTROL, KeyCode.A);
    robot.write("Done").push(KeyCode.CONTROL, KeyCode.ENTER);
    assertThat(((ChangeNote) onlyEdit()).note().text()).isEqualTo("Done");
  }

  @Test
  void theOverviewShowsWhenNotEverythingIsInViewAndGoesWhereItIsPressed() throws Exception {
    assertThat(on(() -> find(".minimap").isVisible())).isFalse();
    robot.interact(() -> canvas.zoomTo(2));
    waitUntil(() -> canvas.zoomProperty().get() == 2, 10);
    assertThat(on(() -> find(".minimap").isVisible())).isTrue();
    Point before = on(() -> canvas.toWorld(600, 350));
    robot.clickOn(on(() -> find(".minimap").localToScreen(160, 40)));
    Point after = on(() -> canvas.toWorld(600, 350));
    assertThat(after.x()).isGreaterThan(before.x() + 100);
    assertThat(after.y()).isLessThan(before.y());
    assertThat(edits).isEmpty();
  }
}
