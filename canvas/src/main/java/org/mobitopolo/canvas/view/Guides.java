// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.view;

import java.util.List;
import javafx.scene.Group;
import javafx.scene.shape.Line;
import org.mobitopolo.canvas.geometry.Snap;
import org.mobitopolo.topology.Point;

/** The lines that show, while something is dragged, what it is in line with. */
public final class Guides extends Group {
  private static final double OVERSHOOT = 12;

  private final Viewport viewport;

  public Guides(Viewport viewport) {
    this.viewport = viewport;
    setMouseTransparent(true);
    setManaged(false);
  }

  /** Shows these guides, given in world coordinates, and no others. */
  public void show(List<Snap.Guide> guides) {
    getChildren().setAll(guides.stream().map(this::line).toList());
  }

  private Line line(Snap.Guide guide) {
    Point from =
        viewport.toView(
            guide.vertical()
                ? new Point(guide.position(), guide.from())
                : new Point(guide.from(), guide.position()));
    Point to =
        viewport.toView(
            guide.vertical()
                ? new Point(guide.position(), guide.to())
                : new Point(guide.to(), guide.position()));
    // half pixels: a line one pixel wide then fills exactly one row or column
    Line line =
        guide.vertical()
            ? new Line(half(from.x()), from.y() - OVERSHOOT, half(from.x()), to.y() + OVERSHOOT)
            : new Line(from.x() - OVERSHOOT, half(from.y()), to.x() + OVERSHOOT, half(from.y()));
    line.getStyleClass().add("alignment-guide");
    return line;
  }

  private static double half(double value) {
    return Math.floor(value) + 0.5;
  }
}
