// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import javafx.event.Event;
import javafx.event.EventType;
import javafx.geometry.Point2D;
import javafx.scene.input.KeyCode;
import javafx.scene.input.MouseButton;
import javafx.scene.input.MouseEvent;
import javafx.scene.input.PickResult;
import org.junit.jupiter.api.Test;
import org.mobitopolo.canvas.element.NodeView;
import org.mobitopolo.canvas.model.Decorations;
import org.mobitopolo.testing.FrameCost;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Topology;

/**
 * What a frame costs while things are done to large topologies, painted without a graphics card.
 * A benchmark, not part of the test run: {@code mvn test -pl canvas -am -Dtest=CanvasBench -Dsurefire.failIfNoSpecifiedTests=false}.
 */
class CanvasBench extends CanvasTest {
  // limits for a busy machine; a quiet core needs about half
  private static final double FLUID = 45;
  private static final double USABLE = 60;

  private List<Decorations> states;
  private NodeView dragged;

  @Test
  void twoHundredNodesAreFluid() throws Exception {
    load(200);
    measure("200 nodes, drag one, all in view", this::dragStep, FLUID);
    measure("200 nodes, pan, all in view", this::panStep, FLUID);
    robot.interact(() -> canvas.zoomTo(1));
    Thread.sleep(400);
    measure("200 nodes, pan, zoom 1", this::panStep, FLUID);
    measure("200 nodes, all live states change, zoom 1", this::liveStep, USABLE);
  }

  @Test
  void aThousandNodesAreUsable() throws Exception {
    load(1000);
    measure("1000 nodes, drag one, all in view", this::dragStep, FLUID);
    measure("1000 nodes, pan, all in view", this::panStep, USABLE);
    measure("1000 nodes, all live states change, all in view", this::liveStep, USABLE);
    robot.interact(() -> canvas.zoomTo(1));
    Thread.sleep(400);
    measure("1000 nodes, pan, zoom 1", this::panStep, USABLE);
  }

  private void panStep(int step) {
    canvas.panBy(step % 2 == 0 ? 9 : -9, step % 4 < 2 ? 4 : -4);
  }

  private void liveStep(int step) {
    canvas.setDecorations(states.get(step % states.size()));
  }

  private void load(int count) throws Exception {
    Topology topology = Examples.large(count);
    states =
        IntStream.range(0, 10).mapToObj(tick -> Examples.largeRunning(topology, tick)).toList();
    long[] took = new long[1];
    robot.interact(
        () -> {
          long start = System.nanoTime();
          canvas.setTopology(topology);
          canvas.setDecorations(states.getFirst());
          canvas.fitAtOnce();
          took[0] = System.nanoTime() - start;
        });
    System.out.printf("%d nodes, first shown: %d ms%n", count, took[0] / 1_000_000);
    Thread.sleep(1500);
    dragged = nodeView("n" + count / 2);
    assertThat(took[0]).isLessThan(TimeUnit.SECONDS.toNanos(8));
  }

  /** Drags a node in the middle by mouse events; Escape then takes it back. */
  private void dragStep(int step) {
    Point start = canvas.toView(dragged.node().position());
    if (step == 0) {
      fire(MouseEvent.MOUSE_PRESSED, start.x(), start.y());
    } else {
      fire(MouseEvent.MOUSE_DRAGGED, start.x() + 3 * (step % 20), start.y() + 2 * (step % 20));
    }
  }

  private void fire(EventType<MouseEvent> type, double x, double y) {
    Point2D scene = canvas.localToScene(x, y);
    Event.fireEvent(
        dragged,
        new MouseEvent(
            type,
            scene.getX(),
            scene.getY(),
            0,
            0,
            MouseButton.PRIMARY,
            1,
            false,
            false,
            false,
            false,
            true,
            false,
            false,
            true,
            false,
            true,
            new PickResult(canvas, scene.getX(), scene.getY())));
  }

  private void measure(String what, IntConsumer action, double mostMillis) throws Exception {
    FrameCost cost = FrameCost.measure(action);
    robot.push(KeyCode.ESCAPE);
    System.out.printf(
        "%s: %.1f ms of the application thread, %.1f ms of the renderer a frame%n",
        what, cost.applicationMillis(), cost.rendererMillis());
    assertThat(cost.applicationMillis())
        .as(what + ", application thread, ms a frame")
        .isLessThan(mostMillis);
    assertThat(cost.rendererMillis()).as(what + ", renderer, ms a frame").isLessThan(mostMillis);
  }
}
