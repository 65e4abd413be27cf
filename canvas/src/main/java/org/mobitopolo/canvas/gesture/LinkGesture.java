// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.gesture;

import javafx.css.PseudoClass;
import javafx.scene.Cursor;
import javafx.scene.shape.Line;
import org.mobitopolo.canvas.element.NodeView;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.edit.Edits;

/** Draws a link from a node to another one. */
final class LinkGesture implements Gesture {
  private static final PseudoClass JOINED = PseudoClass.getPseudoClass("joined");

  private final Surface surface;
  private final NodeView from;
  private final Line line = new Line();
  private NodeView target;

  LinkGesture(Surface surface, NodeView from) {
    this.surface = surface;
    this.from = from;
    line.getStyleClass().add("link-draft");
    line.setManaged(false);
    line.setMouseTransparent(true);
    surface.overlay().getChildren().add(line);
    surface.world().setCursor(Cursor.CROSSHAIR);
  }

  @Override
  public void drag(Pointer pointer) {
    NodeView under =
        surface.world().nodeAt(pointer.world()).filter(view -> view != from).orElse(null);
    if (under != target) {
      setTarget(under);
    }
    Point goal = target == null ? pointer.world() : target.box().exitTowards(from.centre());
    Point begin =
        surface.viewport().toView(from.box().exitTowards(target == null ? goal : target.centre()));
    Point end = surface.viewport().toView(goal);
    line.setStartX(begin.x());
    line.setStartY(begin.y());
    line.setEndX(end.x());
    line.setEndY(end.y());
  }

  private void setTarget(NodeView newTarget) {
    surface.world().setLinkTarget(target, false);
    target = newTarget;
    surface.world().setLinkTarget(target, true);
    line.pseudoClassStateChanged(JOINED, target != null);
  }

  @Override
  public void finish(Pointer pointer) {
    drag(pointer);
    NodeView joined = target;
    cancel();
    if (joined != null) {
      surface
          .edits()
          .accept(Edits.connect(surface.world().topology(), from.node().id(), joined.node().id()));
    }
  }

  @Override
  public void cancel() {
    setTarget(null);
    surface.overlay().getChildren().remove(line);
    surface.world().setCursor(null);
  }
}
