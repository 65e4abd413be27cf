// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.gesture;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javafx.scene.Node;
import org.mobitopolo.canvas.element.NodeView;
import org.mobitopolo.canvas.element.RegionView;
import org.mobitopolo.canvas.element.World;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.canvas.geometry.Snap;
import org.mobitopolo.canvas.model.DropAdvice;

/**
 * Drags the selection. It comes to rest in line with other nodes or on the grid, unless the key is
 * held that ignores both; regions that nodes would come into show whether they fit.
 */
final class MoveGesture implements Gesture {
  private static final double REACH = 7;

  private final Surface surface;
  private final World world;
  private final Moves moves;
  private final Pointer start;
  private final Box leader;
  private final boolean alignsWithNodes;
  private final Map<Optional<String>, Set<String>> judged = new HashMap<>();
  private final Map<Optional<String>, DropAdvice> advice = new HashMap<>();
  private final Verdict betweenRegions;
  private double dx;
  private double dy;

  /**
   * Begins.
   *
   * @param ids what moves
   * @param grabbed the view under the pointer, which comes to rest on the grid and takes the others
   *     along
   */
  MoveGesture(Surface surface, Set<String> ids, Node grabbed, Pointer start) {
    this.surface = surface;
    this.start = start;
    world = surface.world();
    moves = new Moves(world.topology(), ids);
    betweenRegions = new Verdict(surface.overlay());
    alignsWithNodes = grabbed instanceof NodeView;
    leader =
        switch (grabbed) {
          case NodeView view -> view.box();
          case RegionView view ->
              new Box(view.box().left(), view.box().top(), view.box().left(), view.box().top());
          default ->
              new Box(
                  grabbed.getLayoutX(),
                  grabbed.getLayoutY(),
                  grabbed.getLayoutX(),
                  grabbed.getLayoutY());
        };
  }

  @Override
  public void drag(Pointer pointer) {
    dx = pointer.world().x() - start.world().x();
    dy = pointer.world().y() - start.world().y();
    List<Snap.Guide> guides = List.of();
    if (!pointer.free()) {
      Snap snap =
          alignsWithNodes
              ? Snap.align(leader.plus(dx, dy), neighbours(), REACH / surface.viewport().scale())
              : Snap.toGrid(leader.plus(dx, dy));
      dx += snap.dx();
      dy += snap.dy();
      guides = snap.guides();
    }
    surface.guides().show(guides);
    world.drag(moves.positions(dx, dy));
    moves.regions().forEach(region -> world.drag(region.id(), region.bounds().plus(dx, dy)));
    moves.notes().forEach(note -> world.drag(note.id(), note.bounds().plus(dx, dy)));
    moves.bentLinks().forEach(link -> world.bend(link.id(), Moves.moved(link.waypoints(), dx, dy)));
    judge(pointer);
  }

  /** The boxes of the visible nodes that stay. */
  private List<Box> neighbours() {
    Box visible = surface.viewport().visible();
    return world.nodes().stream()
        .filter(view -> !moves.moves(view.node().id()))
        .map(NodeView::box)
        .filter(visible::intersects)
        .toList();
  }

  private void judge(Pointer pointer) {
    Map<Optional<String>, Set<String>> arrivals = moves.arrivals(dx, dy);
    if (!arrivals.equals(judged)) {
      judged.clear();
      judged.putAll(arrivals);
      advice.clear();
      arrivals.forEach(
          (region, nodes) -> advice.put(region, surface.advisor().advise(nodes, region)));
      for (RegionView view : world.regions()) {
        DropAdvice verdict = advice.get(Optional.of(view.region().id()));
        if (verdict == null) {
          view.hideVerdict();
        } else {
          view.showVerdict(verdict.fits(), verdict.text());
        }
      }
    }
    betweenRegions.show(Optional.ofNullable(advice.get(Optional.<String>empty())), pointer);
  }

  @Override
  public void finish(Pointer pointer) {
    drag(pointer);
    if (advice.values().stream().allMatch(DropAdvice::fits)) {
      moves.edit(dx, dy).ifPresent(surface.edits());
    }
    end();
  }

  @Override
  public void cancel() {
    end();
  }

  private void end() {
    surface.guides().show(List.of());
    betweenRegions.hide();
    world.regions().forEach(RegionView::hideVerdict);
    world.settle();
  }
}
