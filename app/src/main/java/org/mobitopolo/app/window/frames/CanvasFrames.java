// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.frames;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import javafx.animation.AnimationTimer;
import javafx.application.ConditionalFeature;
import javafx.application.Platform;
import javafx.scene.Scene;
import javafx.stage.Stage;
import org.mobitopolo.app.bench.CanvasMeter;
import org.mobitopolo.canvas.TopologyCanvas;
import org.mobitopolo.canvas.model.Decorations;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Topology;

/**
 * Measures the canvas in a window of its own with a large lab, while a live state comes twice a
 * second as from running hosts. Dragging goes through mouse events.
 */
public final class CanvasFrames implements CanvasMeter {
  private static final double WIDTH = 1400;
  private static final double HEIGHT = 900;
  private static final int FRAMES_A_STATE = 30;
  private static final double CLOSE = 1;

  private TopologyCanvas canvas;
  private List<Decorations> states = List.of();

  /** To be used once in a process. */
  public CanvasFrames() {}

  @Override
  public Report measure(int nodes) throws InterruptedException {
    Topology lab = LargeLab.topology(nodes);
    states = IntStream.range(0, 8).mapToObj(tick -> LargeLab.state(lab, tick)).toList();
    start();
    try {
      Opening opening = open(lab);
      List<Frames> frames = new ArrayList<>();
      frames.add(measure("drag a node, all in view", dragging(lab)));
      frames.add(measure("move the view, all in view", this::pan));
      frames.add(measure("zoom, all in view", this::zoom));
      frames.add(measure("only live state, all in view", _ -> {}));
      on(
          () -> {
            canvas.zoomTo(CLOSE);
            return null;
          });
      Thread.sleep(1000);
      frames.add(measure("drag a node, zoom 1", dragging(lab)));
      frames.add(measure("move the view, zoom 1", this::pan));
      frames.add(measure("only live state, zoom 1", _ -> {}));
      return new Report(
          lab.nodes().size(), lab.links().size(), pipeline(), opening, List.copyOf(frames));
    } finally {
      Platform.exit();
    }
  }

  private void start() {
    CompletableFuture<Void> shown = new CompletableFuture<>();
    try {
      Platform.startup(
          () -> {
            canvas = new TopologyCanvas();
            Stage stage = new Stage();
            stage.setTitle("Mobitopolo bench canvas");
            stage.setScene(new Scene(canvas, WIDTH, HEIGHT));
            stage.show();
            shown.complete(null);
          });
    } catch (UnsupportedOperationException e) {
      throw new IllegalStateException(
          "There is no display to measure on: "
              + e.getMessage()
              + ". Set DISPLAY, or start this with xvfb-run.",
          e);
    }
    shown.join();
  }

  /** Shows the lab, and waits until the frame after the one that shows it begins. */
  private Opening open(Topology lab) {
    FxThreads threads = FxThreads.find();
    CompletableFuture<Opening> painted = new CompletableFuture<>();
    long begin = System.nanoTime();
    Platform.runLater(
        () -> {
          long application = threads.applicationNanos();
          long renderer = threads.rendererNanos();
          canvas.setTopology(lab);
          canvas.setDecorations(states.getFirst());
          canvas.fitAtOnce();
          new AnimationTimer() {
            private int frame;

            @Override
            public void handle(long now) {
              if (++frame == 3) {
                stop();
                painted.complete(
                    new Opening(
                        (System.nanoTime() - begin) / 1e6,
                        (threads.applicationNanos() - application) / 1e6,
                        (threads.rendererNanos() - renderer) / 1e6));
              }
            }
          }.start();
        });
    return painted.join();
  }

  private Frames measure(String what, IntConsumer action) throws InterruptedException {
    FrameCost cost =
        FrameCost.measure(
            frame -> {
              if (frame % FRAMES_A_STATE == 0) {
                canvas.setDecorations(states.get(frame / FRAMES_A_STATE % states.size()));
              }
              action.accept(frame);
            });
    on(
        () -> {
          Mouse.release(canvas);
          return null;
        });
    return new Frames(
        what,
        cost.applicationMillis(),
        cost.longestMillis(),
        cost.rendererMillis(),
        cost.framesPerSecond());
  }

  private IntConsumer dragging(Topology lab) {
    Point middle = on(() -> canvas.toWorld(WIDTH / 2, HEIGHT / 2));
    Point start =
        lab.nodes().stream()
            .map(node -> node.position())
            .min(
                (one, other) ->
                    Double.compare(
                        Math.hypot(one.x() - middle.x(), one.y() - middle.y()),
                        Math.hypot(other.x() - middle.x(), other.y() - middle.y())))
            .orElseThrow();
    return frame -> {
      Point place = canvas.toView(start);
      if (frame == 0) {
        Mouse.press(canvas, place.x(), place.y());
      } else {
        Mouse.drag(
            canvas, place.x() + 3 * (frame % 20), place.y() + 2 * (frame % 20));
      }
    };
  }

  private void pan(int frame) {
    canvas.panBy(frame / 30 % 2 == 0 ? 7 : -7, frame / 15 % 2 == 0 ? 4 : -4);
  }

  private void zoom(int frame) {
    Mouse.wheel(canvas, WIDTH / 2, HEIGHT / 2, frame / 30 % 2 == 0 ? 8 : -8);
  }

  private static <T> T on(Callable<T> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Platform.runLater(
        () -> {
          try {
            result.complete(work.call());
          } catch (Exception e) {
            result.completeExceptionally(e);
          }
        });
    return result.join();
  }

  /** What paints: {@code sw} for software, {@code es2} for OpenGL and so on. */
  private static String pipeline() {
    String order = System.getProperty("prism.order", "");
    return Platform.isSupported(ConditionalFeature.SCENE3D)
        ? order.isEmpty() ? "a graphics card" : order
        : "sw";
  }
}
