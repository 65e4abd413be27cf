// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import javafx.geometry.Point2D;
import javafx.scene.Node;
import javafx.scene.Scene;
import javafx.scene.input.KeyCode;
import javafx.scene.input.MouseButton;
import javafx.stage.Stage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.mobitopolo.canvas.element.NodeView;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.edit.Edit;
import org.testfx.api.FxRobot;
import org.testfx.api.FxToolkit;
import org.testfx.util.WaitForAsyncUtils;

/**
 * A window with a canvas at zoom 1 and the sample in it, an owner that applies edits, and a real
 * mouse. The world's origin is the canvas' upper left corner.
 */
abstract class CanvasTest {
  final List<Edit> edits = new ArrayList<>();
  FxRobot robot;
  TopologyCanvas canvas;

  @BeforeEach
  void open() throws Exception {
    FxToolkit.registerPrimaryStage();
    Stage stage = FxToolkit.registerStage(Stage::new);
    robot = new FxRobot();
    robot.interact(
        () -> {
          canvas = new TopologyCanvas();
          canvas.setOnEdit(
              edit -> {
                edits.add(edit);
                canvas.setTopology(edit.apply(canvas.topology()));
              });
          stage.setScene(new Scene(canvas, 1200, 700));
          stage.show();
          stage.toFront();
          canvas.requestFocus();
        });
    waitUntil(() -> stage.isFocused() && canvas.isFocused(), 10);
    show(Examples.sample());
  }

  @AfterEach
  void close() throws Exception {
    robot.release(new KeyCode[0]);
    robot.release(new MouseButton[0]);
    FxToolkit.cleanupStages();
  }

  /** Shows a topology with the world's origin in the upper left corner, at zoom 1. */
  final void show(Topology topology) {
    robot.interact(
        () -> {
          canvas.setTopology(topology);
          canvas.layout();
          canvas.showAtOrigin();
        });
    edits.clear();
    WaitForAsyncUtils.waitForFxEvents();
  }

  /** A place of the world on the screen. */
  final Point2D at(double x, double y) {
    return on(
        () -> {
          Point view = canvas.toView(new Point(x, y));
          return canvas.localToScreen(view.x(), view.y());
        });
  }

  /** The middle of a node's card on the screen. */
  final Point2D at(String node) {
    Point position = on(() -> canvas.topology().node(node).orElseThrow().position());
    return at(position.x(), position.y());
  }

  /** Presses at a place and moves to another in steps, as a hand does. */
  final void dragWithoutRelease(Point2D from, Point2D to) {
    robot.moveTo(from).press(MouseButton.PRIMARY);
    moveOn(from, to);
  }

  final void moveOn(Point2D from, Point2D to) {
    for (int step = 1; step <= 5; step++) {
      robot.moveTo(from.interpolate(to, step / 5.0));
    }
    WaitForAsyncUtils.waitForFxEvents();
  }

  final void drag(Point2D from, Point2D to) {
    dragWithoutRelease(from, to);
    robot.release(MouseButton.PRIMARY);
    WaitForAsyncUtils.waitForFxEvents();
  }

  /**
   * Double-clicks, again if a busy machine was too slow for the two clicks to count as one double
   * click.
   */
  final void doubleClick(Point2D place, Callable<Boolean> done) throws Exception {
    for (int attempt = 0; attempt < 5 && !on(done); attempt++) {
      robot.doubleClickOn(place);
      WaitForAsyncUtils.waitForFxEvents();
      Thread.sleep(600);
    }
  }

  final Edit onlyEdit() {
    assertThat(edits).hasSize(1);
    return edits.getFirst();
  }

  final NodeView nodeView(String id) {
    return (NodeView) find("#node-" + id);
  }

  /** The first node in the window that a CSS selector finds; null if there is none. */
  final Node find(String selector) {
    return on(() -> canvas.lookup(selector));
  }

  final Point positionOf(String node) {
    return on(() -> canvas.topology().node(node).orElseThrow().position());
  }

  final <T> T on(Callable<T> work) {
    WaitForAsyncUtils.waitForFxEvents();
    return WaitForAsyncUtils.waitForAsyncFx(10_000, work);
  }

  final void waitUntil(Callable<Boolean> condition, int seconds) throws Exception {
    WaitForAsyncUtils.waitFor(seconds, TimeUnit.SECONDS, () -> on(condition));
  }
}
