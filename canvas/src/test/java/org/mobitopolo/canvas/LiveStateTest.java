// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javafx.geometry.Bounds;
import javafx.geometry.Point2D;
import javafx.scene.Node;
import javafx.scene.paint.Color;
import javafx.scene.shape.Rectangle;
import org.junit.jupiter.api.Test;
import org.mobitopolo.canvas.element.NodeView;
import org.mobitopolo.icons.IconView;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.edit.Edit;
import org.mobitopolo.topology.edit.MoveNodes;

class LiveStateTest extends CanvasTest {

  @Test
  void aMigrationShowsRingPhaseAndGhostAndLaterItsResultWhichFadesToABadge() throws Exception {
    NodeView protocol = nodeView("protocol");
    robot.interact(
        () -> {
          canvas.setDecorations(Examples.running());
          canvas.setTopology(Examples.moved());
          canvas.setDecorations(Examples.migrating(0.25));
        });
    assertThat(on(protocol::pillText))
        .isEqualTo("25\u2009% pass 3 \u00b7 12 MB left \u00b7 \u2248 30 ms pause");
    assertThat(find("#ghost-protocol")).isNotNull();
    double quarter = ringLength();
    robot.interact(() -> canvas.setDecorations(Examples.migrating(0.75)));
    assertThat(ringLength()).isBetween(2.9 * quarter, 3.1 * quarter);

    robot.interact(() -> canvas.setDecorations(Examples.arrived()));
    assertThat(find("#ghost-protocol")).isNull();
    assertThat(find(".ring")).isNull();
    assertThat(on(protocol::pillText)).isEqualTo("24 ms downtime");
    assertThat(on(protocol::resultBadgeText)).isEmpty();
    waitUntil(() -> protocol.resultBadgeText().equals("24 ms downtime"), 15);
    assertThat(on(protocol::pillText)).isEmpty();
  }

  @Test
  void aClickOnPhaseOrRingOfAMigrationAsksForMore() throws Exception {
    List<String> asked = new ArrayList<>();
    List<Bounds> places = new ArrayList<>();
    robot.interact(
        () -> {
          canvas.setDecorations(Examples.migrating(0.25));
          canvas.setOnProgress(
              (node, place) -> {
                asked.add(node);
                places.add(place);
              });
        });
    Node pill = nodeView("protocol").lookup(".phase-pill");
    Bounds shown = on(() -> pill.localToScreen(pill.getBoundsInLocal()));
    robot.clickOn(pill);
    assertThat(asked).containsExactly("protocol");
    assertThat(places).containsExactly(shown);
    assertThat(on(() -> canvas.selection().ids())).containsExactly("protocol");
    // the ring lies a little outside of the card
    Point2D corner = at("protocol").add(40, -NodeView.HEIGHT / 2 - 3.5);
    robot.clickOn(corner);
    assertThat(asked).containsExactly("protocol", "protocol");
    robot.clickOn(at("protocol"));
    assertThat(asked).hasSize(2);

    robot.interact(() -> canvas.setDecorations(Examples.arrived()));
    robot.clickOn(nodeView("protocol").lookup(".result-pill"));
    assertThat(asked).hasSize(3);
    assertThat(edits).isEmpty();
  }

  private double ringLength() {
    return on(() -> ((Rectangle) canvas.lookup(".ring")).getStrokeDashArray().getFirst());
  }

  @Test
  void takingAnEditBackGlidesTheNodeToItsOldPlaceWithItsLinks() throws Exception {
    Edit there = new MoveNodes(Map.of("content", new Point(400, 400)));
    Edit back = there.inverse(Examples.sample());
    robot.interact(() -> canvas.setTopology(there.apply(Examples.sample())));
    waitUntil(() -> nodeView("content").centre().equals(new Point(400, 400)), 10);
    robot.interact(() -> canvas.setTopology(back.apply(canvas.topology())));
    waitUntil(() -> nodeView("content").centre().equals(new Point(272, 320)), 10);
    assertThat(on(() -> canvas.lookup("#link-link-2").getBoundsInParent().getMaxX()))
        .isLessThan(280);
  }

  @Test
  void theCanvasSpeaksJapanese() {
    robot.interact(
        () -> {
          canvas.setDecorations(Examples.migrating(0.5));
          canvas.setLanguage(Locale.JAPANESE);
        });
    assertThat(on(() -> nodeView("protocol").getAccessibleText()))
        .isEqualTo("protocol, 仮想マシン, 移行中, 50 パーセント");
    robot.interact(() -> canvas.setLanguage(Locale.ENGLISH));
    assertThat(on(() -> nodeView("protocol").getAccessibleText()))
        .isEqualTo("protocol, virtual machine, migrating, 50 percent");
  }

  @Test
  void peopleWhoCannotSeeTheCanvasAreToldTheState() {
    robot.interact(() -> canvas.setDecorations(Examples.migrating(0.5)));
    assertThat(on(() -> nodeView("protocol").getAccessibleText()))
        .isEqualTo("protocol, virtual machine, migrating, 50 percent");
    robot.interact(
        () -> {
          canvas.setDecorations(Examples.stateDecorations());
          canvas.setTopology(Examples.states());
        });
    assertThat(on(() -> nodeView("crashed").getAccessibleText()))
        .isEqualTo("crashed, virtual machine, crashed, the kernel stopped: out of memory");
  }

  @Test
  void aSceneThatColoursIconsDoesNotHideTheStateOfNodes() {
    robot.interact(
        () -> {
          canvas
              .getScene()
              .getStylesheets()
              .add("data:text/css,.mobi-icon%20%7B-mobi-icon-color:%20red%7D");
          canvas.setDecorations(Examples.running());
        });
    IconView running = (IconView) nodeView("protocol").lookup(".mobi-icon");
    IconView stopped = (IconView) nodeView("lan").lookup(".mobi-icon");
    assertThat(on(() -> running.colorProperty().get())).isEqualTo(Color.web("#1a9a4b"));
    assertThat(on(() -> stopped.colorProperty().get())).isEqualTo(Color.web("#414b57"));
  }

  @Test
  void thePictureHoldsTheWholeTopologyWhateverIsInView() {
    robot.interact(() -> canvas.zoomTo(2.5));
    var picture = on(() -> canvas.picture(2).orElseThrow());
    // from 32,32 to 1088,536 with a margin of 32 on all sides, twice as large
    assertThat(picture.getWidth()).isEqualTo((1088 - 32 + 64) * 2);
    assertThat(picture.getHeight()).isEqualTo((536 - 32 + 64) * 2);
  }

  @Test
  void newNodesFindAFreePlace() {
    Point free = on(() -> canvas.freePlace(new Point(272, 144)));
    assertThat(free).isNotEqualTo(new Point(272, 144));
    assertThat(free.x() % 16).isZero();
    assertThat(on(() -> canvas.freePlace(new Point(500, 250)))).isEqualTo(new Point(496, 256));
  }
}
