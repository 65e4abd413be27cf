// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.element;

import java.util.HashMap;
import java.util.Map;
import java.util.function.DoubleConsumer;
import javafx.animation.Interpolator;
import javafx.animation.Transition;
import javafx.util.Duration;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.Point;

/** Lets elements glide to their new places, so that eyes can follow. */
final class Glide {
  private static final Duration SHORT = Duration.millis(260);
  private static final Duration LONG = Duration.millis(520);
  private static final int MANY = 8;

  private final World world;
  private Transition running;
  private DoubleConsumer step;

  Glide(World world) {
    this.world = world;
  }

  /** Begins; what glided before has been finished. */
  void start(
      Map<String, Point> nodes, Map<RegionView, Bounds> regions, Map<NoteView, Bounds> notes) {
    if (nodes.isEmpty() && regions.isEmpty() && notes.isEmpty()) {
      world.rest();
      return;
    }
    Map<String, Point> nodesFrom = new HashMap<>();
    nodes.keySet().forEach(id -> nodesFrom.put(id, world.node(id).orElseThrow().centre()));
    Map<RegionView, Bounds> regionsFrom = new HashMap<>();
    regions.keySet().forEach(view -> regionsFrom.put(view, view.box().toBounds()));
    Map<NoteView, Bounds> notesFrom = new HashMap<>();
    notes.keySet().forEach(view -> notesFrom.put(view, view.box().toBounds()));
    step =
        share -> {
          regions.forEach(
              (view, to) -> {
                view.setBounds(between(regionsFrom.get(view), to, share));
                world.updateRegion(view);
              });
          notes.forEach((view, to) -> view.setBounds(between(notesFrom.get(view), to, share)));
          Map<String, Point> now = new HashMap<>();
          nodes.forEach((id, to) -> now.put(id, between(nodesFrom.get(id), to, share)));
          world.moveNow(now);
        };
    running =
        new Transition() {
          {
            setCycleDuration(nodes.size() + regions.size() > MANY ? LONG : SHORT);
            setInterpolator(Interpolator.EASE_BOTH);
          }

          @Override
          protected void interpolate(double share) {
            step.accept(share);
          }
        };
    running.setOnFinished(
        _ -> {
          running = null;
          world.rest();
        });
    running.play();
  }

  private static Point between(Point from, Point to, double share) {
    return share == 1
        ? to
        : new Point(
            from.x() + (to.x() - from.x()) * share, from.y() + (to.y() - from.y()) * share);
  }

  private static Bounds between(Bounds from, Bounds to, double share) {
    return share == 1
        ? to
        : new Bounds(
            from.x() + (to.x() - from.x()) * share,
            from.y() + (to.y() - from.y()) * share,
            from.width() + (to.width() - from.width()) * share,
            from.height() + (to.height() - from.height()) * share);
  }

  /** Brings what glides to its place at once. */
  void finish() {
    if (running != null) {
      Transition gliding = running;
      running = null;
      gliding.stop();
      step.accept(1);
      world.rest();
    }
  }
}
