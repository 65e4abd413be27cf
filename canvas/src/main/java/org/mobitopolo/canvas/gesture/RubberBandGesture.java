// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.gesture;

import java.util.HashSet;
import java.util.Set;
import javafx.scene.shape.Rectangle;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.topology.Note;

/** Selects what a rectangle touches: nodes and notes, and regions and areas that
 * lie in it as a whole. */
final class RubberBandGesture implements Gesture {
  private final Surface surface;
  private final Pointer start;
  private final Set<String> before;
  private final Rectangle band = new Rectangle();

  RubberBandGesture(Surface surface, Pointer start) {
    this.surface = surface;
    this.start = start;
    before = surface.selection().ids();
    band.getStyleClass().add("rubber-band");
    band.setManaged(false);
    surface.overlay().getChildren().add(band);
  }

  @Override
  public void drag(Pointer pointer) {
    band.setX(Math.floor(Math.min(start.x(), pointer.x())) + 0.5);
    band.setY(Math.floor(Math.min(start.y(), pointer.y())) + 0.5);
    band.setWidth(Math.abs(pointer.x() - start.x()));
    band.setHeight(Math.abs(pointer.y() - start.y()));
    Box box = Box.between(start.world(), pointer.world());
    Set<String> touched = start.adds() ? new HashSet<>(before) : new HashSet<>();
    surface.world().nodes().stream()
        .filter(view -> box.intersects(view.box()))
        .forEach(view -> touched.add(view.node().id()));
    surface.world().notes().stream()
        .filter(
            view ->
                view.note().kind() == Note.Kind.AREA
                    ? box.union(view.box()).equals(box)
                    : box.intersects(view.box()))
        .forEach(view -> touched.add(view.note().id()));
    surface.world().regions().stream()
        .filter(view -> box.union(view.box()).equals(box))
        .forEach(view -> touched.add(view.region().id()));
    surface.selection().set(touched);
  }

  @Override
  public void finish(Pointer pointer) {
    surface.overlay().getChildren().remove(band);
  }

  @Override
  public void cancel() {
    surface.overlay().getChildren().remove(band);
    surface.selection().set(before);
  }
}
