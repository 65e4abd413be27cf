// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.gesture;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.mobitopolo.canvas.element.NodeView;
import org.mobitopolo.canvas.element.World;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.canvas.model.CanvasTarget;
import org.mobitopolo.topology.Point;

/**
 * The way that the Tab key takes through everything on the canvas: nodes, then regions, notes and
 * links, each in reading order.
 */
public final class Walk {
  private Walk() {}

  /** An element where Tab stops. */
  public record Stop(CanvasTarget.Kind kind, String id, Box box) {

    /** The element as a target of commands, at its middle. */
    public CanvasTarget target() {
      return new CanvasTarget(kind, Optional.of(id), new Point(box.centreX(), box.centreY()));
    }
  }

  /** All stops in their order. */
  public static List<Stop> stops(World world) {
    List<Stop> stops = new ArrayList<>();
    world
        .nodes()
        .forEach(view -> stops.add(new Stop(CanvasTarget.Kind.NODE, view.node().id(), view.box())));
    world
        .regions()
        .forEach(
            view -> stops.add(new Stop(CanvasTarget.Kind.REGION, view.region().id(), view.box())));
    world
        .notes()
        .forEach(view -> stops.add(new Stop(CanvasTarget.Kind.NOTE, view.note().id(), view.box())));
    world.links().stream()
        .filter(view -> view.curve() != null)
        .forEach(
            view ->
                stops.add(
                    new Stop(CanvasTarget.Kind.LINK, view.link().id(), view.curve().bounds())));
    stops.sort(
        Comparator.<Stop>comparingInt(stop -> rank(stop.kind()))
            .thenComparingDouble(stop -> Math.round(stop.box().centreY() / NodeView.HEIGHT))
            .thenComparingDouble(stop -> stop.box().centreX()));
    return stops;
  }

  private static int rank(CanvasTarget.Kind kind) {
    return switch (kind) {
      case NODE -> 0;
      case REGION -> 1;
      case NOTE -> 2;
      case LINK -> 3;
      case CANVAS -> 4;
    };
  }

  /** The stop of an element. */
  public static Optional<Stop> stop(World world, String id) {
    return stops(world).stream().filter(stop -> stop.id().equals(id)).findFirst();
  }
}
