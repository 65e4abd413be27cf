// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import javafx.geometry.BoundingBox;
import javafx.geometry.Point2D;
import javafx.scene.Node;
import javafx.scene.canvas.Canvas;
import javafx.scene.input.KeyCode;
import javafx.scene.paint.Color;
import org.junit.jupiter.api.Test;
import org.mobitopolo.canvas.element.NodeView;
import org.mobitopolo.canvas.model.Decorations;
import org.mobitopolo.canvas.model.LinkDecoration;
import org.mobitopolo.canvas.model.NodeDecoration;
import org.mobitopolo.canvas.model.NodeState;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.edit.MoveNodes;

/** What is far away: drawn as pixels, and used as what is near. */
class OverviewTest extends CanvasTest {
  private static final Color IDLE = Color.web("#a6b0bb");
  private static final Color RUNNING = Color.web("#1a9a4b");
  private static final Color CRASHED = Color.web("#d1323c");
  private static final Color SELECTED = Color.web("#1668dc");

  private void zoomTo(double zoom) throws Exception {
    robot.interact(() -> canvas.zoomTo(zoom));
    waitUntil(() -> canvas.zoomProperty().get() == zoom, 10);
  }

  /** The colours in the window of a square around a place of the world. */
  private List<Color> coloursAround(double x, double y) {
    return on(
        () -> {
          var picture = canvas.getScene().snapshot(null);
          Point view = canvas.toView(new Point(x, y));
          return IntStream.range(0, 25)
              .mapToObj(
                  i ->
                      picture
                          .getPixelReader()
                          .getColor((int) view.x() - 2 + i % 5, (int) view.y() - 2 + i / 5))
              .toList();
        });
  }

  /** The colours at the left edge of a node's card. */
  private List<Color> edgeOf(String node) {
    Point position = positionOf(node);
    double half = node.equals("lan") ? 80 : 96;
    return coloursAround(position.x() - half, position.y());
  }

  private boolean namesShown() {
    return on(
        () -> {
          Node names = canvas.lookup(".overview").lookup("Canvas");
          return names instanceof Canvas && names.isVisible();
        });
  }

  @Test
  void farAwayNamesAndStatesRemainAndFartherOnlyStates() throws Exception {
    assertThat(find("#node-protocol").lookup(".node-subtitle")).isNotNull();
    assertThat(on(() -> canvas.lookup(".overview").isVisible())).isFalse();
    zoomTo(0.3);
    robot.interact(
        () ->
            canvas.setDecorations(
                new Decorations(
                    Map.of(
                        "protocol", NodeDecoration.of(NodeState.RUNNING),
                        "content", NodeDecoration.of(NodeState.RUNNING).withError("no memory")),
                    Map.of(),
                    Map.of())));
    assertThat(find("#node-protocol")).isNull();
    assertThat(namesShown()).isTrue();
    assertThat(edgeOf("client")).contains(IDLE);
    assertThat(edgeOf("protocol")).contains(RUNNING);
    assertThat(edgeOf("content")).contains(CRASHED);
    zoomTo(0.1);
    assertThat(namesShown()).isFalse();
    assertThat(edgeOf("protocol")).contains(RUNNING);
    zoomTo(1);
    assertThat(find("#node-protocol").lookup(".node-subtitle")).isNotNull();
    assertThat(on(() -> canvas.lookup(".overview").isVisible())).isFalse();
  }

  @Test
  void whatIsFarAwayIsSelectedDraggedAndOpenedAsWhatIsNear() throws Exception {
    zoomTo(0.4);
    robot.clickOn(at("content"));
    assertThat(on(() -> canvas.selection().ids())).containsExactly("content");
    assertThat(edgeOf("content")).contains(SELECTED);
    robot.press(KeyCode.ALT);
    drag(at("content"), at("content").add(-40, 20));
    robot.release(KeyCode.ALT);
    assertThat(onlyEdit())
        .isEqualTo(new MoveNodes(Map.of("content", new Point(272 - 100, 320 + 50))));
    assertThat(edgeOf("content")).contains(SELECTED);
    robot.clickOn(at(222, 257));
    assertThat(on(() -> canvas.selection().ids())).containsExactly("link-2");
    assertThat(coloursAround(222, 257)).contains(SELECTED);
    robot.interact(() -> canvas.setOnOpen(target -> canvas.selection().set(Set.of("lan"))));
    doubleClick(at("client"), () -> canvas.selection().contains("lan"));
    assertThat(on(() -> canvas.selection().ids())).containsExactly("lan");
  }

  @Test
  void aClickOnTheBarOfAMigrationFarAwayAsksForMore() throws Exception {
    List<String> asked = new ArrayList<>();
    robot.interact(
        () -> {
          canvas.setDecorations(Examples.migrating(0.25));
          canvas.setOnProgress((node, place) -> asked.add(node + " " + Math.round(place.getWidth())));
        });
    zoomTo(0.4);
    robot.clickOn(at("protocol").add(0, 0.4 * NodeView.HEIGHT / 2 + 4));
    assertThat(asked).containsExactly("protocol " + Math.round(0.4 * NodeView.WIDTH));
    assertThat(on(() -> canvas.selection().ids())).containsExactly("protocol");
    robot.clickOn(at("protocol"));
    robot.clickOn(at("client").add(0, 0.4 * NodeView.HEIGHT / 2 + 4));
    assertThat(asked).as("neither the card nor another node's edge").hasSize(1);
    assertThat(edits).isEmpty();
  }

  @Test
  void aLinkThatIsDownIsTellableFarAway() throws Exception {
    zoomTo(0.4);
    robot.interact(
        () ->
            canvas.setDecorations(
                new Decorations(
                    Map.of(),
                    Map.of("link-2", new LinkDecoration("", 0, 0, false, "")),
                    Map.of())));
    // dashed: not everywhere on its way
    List<Color> way =
        IntStream.range(0, 6)
            .mapToObj(step -> coloursAround(272, 190 + 10 * step))
            .flatMap(List::stream)
            .toList();
    assertThat(way)
        .anyMatch(color -> color.getRed() > 0.7 && color.getGreen() < 0.5);
  }

  @Test
  void onlyWhatIsNearIsInTheSceneAndComesThereWhenItIsRevealed() throws Exception {
    show(Examples.large(200));
    assertThat(find("#node-n0").lookup(".node-subtitle")).isNotNull();
    assertThat(find("#node-n199")).isNull();
    robot.interact(() -> canvas.reveal("n199"));
    waitUntil(
        () ->
            canvas.lookup("#node-n199") != null
                && canvas.lookup("#node-n199").lookup(".node-subtitle") != null
                && canvas.lookup("#node-n0") == null,
        10);
    // whatever came in view is there in the end, although not all of it at once
    robot.interact(() -> canvas.zoomTo(0.5));
    waitUntil(
        () ->
            canvas.topology().nodes().stream()
                .filter(
                    node -> {
                      Point view = canvas.toView(node.position());
                      return new BoundingBox(0, 0, 1200, 700)
                          .contains(new Point2D(view.x(), view.y()));
                    })
                .allMatch(node -> canvas.lookup("#node-" + node.id()) != null),
        10);
    assertThat(on(() -> canvas.lookup(".overview").isVisible())).isFalse();
  }
}
