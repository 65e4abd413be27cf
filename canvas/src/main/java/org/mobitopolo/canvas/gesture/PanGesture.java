// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.gesture;

import org.mobitopolo.canvas.view.Viewport;

/** Moves the view with the mouse. */
final class PanGesture implements Gesture {
  private final Viewport viewport;
  private Pointer last;

  PanGesture(Viewport viewport, Pointer start) {
    this.viewport = viewport;
    last = start;
  }

  @Override
  public void drag(Pointer pointer) {
    viewport.pan(pointer.x() - last.x(), pointer.y() - last.y());
    last = pointer;
  }

  @Override
  public void finish(Pointer pointer) {
    drag(pointer);
  }

  @Override
  public void cancel() {
    // where the view is now is as good as where it was
  }
}
