// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.export;

import javafx.geometry.Rectangle2D;
import javafx.scene.Node;
import javafx.scene.SnapshotParameters;
import javafx.scene.image.WritableImage;
import javafx.scene.paint.Color;
import javafx.scene.transform.Transform;
import org.mobitopolo.canvas.geometry.Box;

/** Takes pictures of pixels. FX thread only. */
public final class Pictures {
  private Pictures() {}

  /**
   * A picture of a part of a scene graph.
   *
   * @param root its own coordinates are those of the box
   * @param factor pixels a unit
   */
  public static WritableImage pixels(Node root, Box box, Color background, double factor) {
    SnapshotParameters parameters = new SnapshotParameters();
    parameters.setFill(background);
    parameters.setTransform(Transform.scale(factor, factor));
    parameters.setViewport(
        new Rectangle2D(
            box.left() * factor,
            box.top() * factor,
            box.width() * factor,
            box.height() * factor));
    return root.snapshot(parameters, null);
  }
}
