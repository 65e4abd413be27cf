// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.gesture;

import javafx.scene.input.MouseEvent;
import org.mobitopolo.canvas.view.Viewport;
import org.mobitopolo.topology.Point;

/**
 * Where the mouse is.
 *
 * @param x in pixels of the canvas
 * @param y in pixels of the canvas
 * @param world the same place in the world
 * @param adds whether a key is held that adds to the selection
 * @param free whether the key is held that ignores snapping
 */
record Pointer(double x, double y, Point world, boolean adds, boolean free) {

  static Pointer of(MouseEvent event, Viewport viewport) {
    return new Pointer(
        event.getX(),
        event.getY(),
        viewport.toWorld(event.getX(), event.getY()),
        event.isShortcutDown() || event.isShiftDown(),
        event.isAltDown());
  }

  /** The same place of the canvas after the view has moved. */
  Pointer at(Viewport viewport) {
    return new Pointer(x, y, viewport.toWorld(x, y), adds, free);
  }

  double distanceTo(Pointer other) {
    return Math.hypot(x - other.x, y - other.y);
  }
}
