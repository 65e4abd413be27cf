// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import javafx.scene.Scene;
import javafx.scene.control.Label;
import javafx.stage.Stage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.mobitopolo.canvas.model.Decorations;
import org.mobitopolo.testing.Pictures;
import org.mobitopolo.topology.Topology;
import org.testfx.api.FxRobot;
import org.testfx.framework.junit5.ApplicationExtension;
import org.testfx.framework.junit5.Start;
import org.testfx.util.WaitForAsyncUtils;

/** Draws the pictures of {@code target/gallery}, which people look at; asserts only that something is drawn. */
@ExtendWith(ApplicationExtension.class)
class GalleryTest {
  private TopologyCanvas canvas;
  private Stage stage;

  @Start
  void start(Stage stage) {
    this.stage = stage;
  }

  @BeforeEach
  void open(FxRobot robot) {
    robot.interact(() -> {
      canvas = new TopologyCanvas();
      stage.setScene(new Scene(canvas, 1280, 720));
      stage.show();
    });
  }

  @Test
  void empty(FxRobot robot) throws Exception {
    robot.interact(() -> canvas.setPlaceholder(new Label("Nothing here yet. Right-click to add a machine.")));
    save(robot, "empty");
  }

  @Test
  void sample(FxRobot robot) throws Exception {
    show(robot, Examples.sample(), Examples.running());
    save(robot, "sample");
    robot.interact(() -> canvas.selection().set(Set.of("protocol", "link-2")));
    save(robot, "selected");
  }

  @Test
  void migration(FxRobot robot) throws Exception {
    show(robot, Examples.sample(), Examples.running());
    robot.interact(() -> {
      canvas.setTopology(Examples.moved());
      canvas.setDecorations(Examples.migrating(0.62));
    });
    Thread.sleep(400);
    save(robot, "migration");
    robot.interact(() -> canvas.setDecorations(Examples.arrived()));
    save(robot, "arrived");
  }

  @Test
  void states(FxRobot robot) throws Exception {
    show(robot, Examples.states(), Examples.stateDecorations());
    save(robot, "states");
  }

  @Test
  void large(FxRobot robot) throws Exception {
    Topology large = Examples.large(200);
    show(robot, large, Examples.largeRunning(large, 0));
    save(robot, "large");
    robot.interact(() -> canvas.zoomTo(0.7));
    Thread.sleep(400);
    save(robot, "large-near");
  }

  private void show(FxRobot robot, Topology topology, Decorations decorations) throws Exception {
    robot.interact(() -> {
      canvas.setTopology(topology);
      canvas.setDecorations(decorations);
    });
    Thread.sleep(200);
  }

  private void save(FxRobot robot, String name) throws Exception {
    for (boolean dark : new boolean[] {false, true}) {
      robot.interact(() -> canvas.setDark(dark));
      WaitForAsyncUtils.waitForFxEvents();
      robot.interact(() ->
          assertThat(Pictures.save(name + (dark ? "-dark" : "-light"), canvas.getScene().snapshot(null))).isNotEmptyFile());
    }
  }
}
