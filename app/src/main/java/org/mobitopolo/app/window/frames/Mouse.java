// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.frames;

import javafx.event.Event;
import javafx.event.EventType;
import javafx.geometry.Point2D;
import javafx.scene.Node;
import javafx.scene.Parent;
import javafx.scene.input.MouseButton;
import javafx.scene.input.MouseEvent;
import javafx.scene.input.PickResult;
import javafx.scene.input.ScrollEvent;

/** Mouse events as the window system would send them, to what lies under the pointer. FX thread. */
final class Mouse {
  private Mouse() {}

  static void press(Parent canvas, double x, double y) {
    fire(canvas, MouseEvent.MOUSE_PRESSED, x, y);
  }

  static void drag(Parent canvas, double x, double y) {
    fire(canvas, MouseEvent.MOUSE_DRAGGED, x, y);
  }

  static void release(Parent canvas) {
    fire(canvas, MouseEvent.MOUSE_RELEASED, 0, 0);
  }

  private static void fire(Parent canvas, EventType<MouseEvent> type, double x, double y) {
    Point2D scene = canvas.localToScene(x, y);
    Node target = under(canvas, scene);
    Event.fireEvent(
        target,
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
            type != MouseEvent.MOUSE_RELEASED,
            false,
            false,
            true,
            false,
            false,
            new PickResult(target, scene.getX(), scene.getY())));
  }

  static void wheel(Parent canvas, double x, double y, double delta) {
    Point2D scene = canvas.localToScene(x, y);
    Event.fireEvent(
        canvas,
        new ScrollEvent(
            ScrollEvent.SCROLL,
            scene.getX(),
            scene.getY(),
            0,
            0,
            false,
            false,
            false,
            false,
            false,
            false,
            0,
            delta,
            0,
            delta,
            ScrollEvent.HorizontalTextScrollUnits.NONE,
            0,
            ScrollEvent.VerticalTextScrollUnits.NONE,
            0,
            0,
            new PickResult(canvas, scene.getX(), scene.getY())));
  }

  /** The uppermost node that the pointer can hit. */
  private static Node under(Node node, Point2D scene) {
    if (node instanceof Parent parent) {
      for (Node child : parent.getChildrenUnmodifiable().reversed()) {
        if (child.isVisible()
            && !child.isMouseTransparent()
            && child.contains(child.sceneToLocal(scene))) {
          return under(child, scene);
        }
      }
    }
    return node;
  }
}
