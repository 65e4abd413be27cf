// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.view;

import java.util.List;
import javafx.animation.Interpolator;
import javafx.animation.Transition;
import javafx.beans.property.ReadOnlyDoubleProperty;
import javafx.beans.property.ReadOnlyDoubleWrapper;
import javafx.scene.transform.Scale;
import javafx.scene.transform.Transform;
import javafx.scene.transform.Translate;
import javafx.util.Duration;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.topology.Point;

/**
 * Which part of the world the canvas shows. World coordinates are scene pixels at zoom 1; view
 * coordinates are pixels of the canvas. FX thread only.
 */
public final class Viewport {
  public static final double SMALLEST = 0.08;
  public static final double LARGEST = 3;

  private static final double FIT_MARGIN = 40;
  private static final double FIT_LARGEST = 1;
  private static final Duration GLIDE = Duration.millis(220);

  private final ReadOnlyDoubleWrapper scale = new ReadOnlyDoubleWrapper(1);
  private final ReadOnlyDoubleWrapper width = new ReadOnlyDoubleWrapper();
  private final ReadOnlyDoubleWrapper height = new ReadOnlyDoubleWrapper();
  private final Translate translate = new Translate();
  private final Scale zoom = new Scale();
  private final Runnable changed;
  private Transition glide;
  private double x;
  private double y;

  /** A view of the world's origin at zoom 1. */
  public Viewport(Runnable changed) {
    this.changed = changed;
  }

  /** The transforms from world to view, for the node that holds the world. */
  public List<Transform> transforms() {
    return List.of(translate, zoom);
  }

  public ReadOnlyDoubleProperty scaleProperty() {
    return scale.getReadOnlyProperty();
  }

  public double scale() {
    return scale.get();
  }

  /** Tells the size of the canvas in pixels. */
  public void resize(double newWidth, double newHeight) {
    width.set(newWidth);
    height.set(newHeight);
    apply();
  }

  public double width() {
    return width.get();
  }

  public double height() {
    return height.get();
  }

  /** Where the world's origin lies in the view, whole pixels. */
  public double originX() {
    return translate.getX();
  }

  /** Where the world's origin lies in the view, whole pixels. */
  public double originY() {
    return translate.getY();
  }

  public Point toWorld(double viewX, double viewY) {
    return new Point(
        (viewX - translate.getX()) / scale.get(), (viewY - translate.getY()) / scale.get());
  }

  public Point toView(Point world) {
    return new Point(
        world.x() * scale.get() + translate.getX(), world.y() * scale.get() + translate.getY());
  }

  /** The part of the world in view. */
  public Box visible() {
    return Box.between(toWorld(0, 0), toWorld(width.get(), height.get()));
  }

  /** Moves the world by pixels of the view. */
  public void pan(double dx, double dy) {
    stop();
    x += dx;
    y += dy;
    apply();
  }

  /** Zooms by a factor so that what lies at a point of the view stays there. */
  public void zoom(double factor, double viewX, double viewY) {
    stop();
    double target = Math.clamp(scale.get() * factor, SMALLEST, LARGEST);
    double ratio = target / scale.get();
    x = viewX - (viewX - x) * ratio;
    y = viewY - (viewY - y) * ratio;
    scale.set(target);
    apply();
  }

  /** Glides to a zoom at the middle of the view. */
  public void glideToScale(double target) {
    Point middle = toWorld(width.get() / 2, height.get() / 2);
    glideTo(Math.clamp(target, SMALLEST, LARGEST), middle);
  }

  /** Glides until a point of the world is in the middle, at the zoom there is. */
  public void glideToCentre(Point world) {
    glideTo(scale.get(), world);
  }

  /** Glides until a point of the world is in the middle, zooming in if it would be tiny there. */
  public void glideNear(Point world, double smallestScale) {
    glideTo(Math.max(scale.get(), smallestScale), world);
  }

  /** Glides until a box of the world fills the view. */
  public void glideToFit(Box box) {
    glideTo(fittingScale(box), new Point(box.centreX(), box.centreY()));
  }

  /** Shows a box of the world at once. */
  public void fit(Box box) {
    show(fittingScale(box), new Point(box.centreX(), box.centreY()));
  }

  private double fittingScale(Box box) {
    double across = (width.get() - 2 * FIT_MARGIN) / Math.max(1, box.width());
    double down = (height.get() - 2 * FIT_MARGIN) / Math.max(1, box.height());
    return Math.clamp(Math.min(across, down), SMALLEST, FIT_LARGEST);
  }

  private void glideTo(double targetScale, Point targetCentre) {
    stop();
    double fromScale = scale.get();
    Point from = toWorld(width.get() / 2, height.get() / 2);
    glide =
        new Transition() {
          {
            setCycleDuration(GLIDE);
            setInterpolator(Interpolator.EASE_BOTH);
          }

          @Override
          protected void interpolate(double t) {
            if (t == 1) {
              // without rounding errors: at exactly 1 the renderer can use ready-made letters and
              // corners
              moveTo(targetScale, targetCentre);
              return;
            }
            // zoom evenly to the eye: by equal factors; and move in step with it
            double between = fromScale * Math.pow(targetScale / fromScale, t);
            double moved =
                targetScale == fromScale
                    ? t
                    : (1 / fromScale - 1 / between) / (1 / fromScale - 1 / targetScale);
            moveTo(
                between,
                new Point(
                    from.x() + (targetCentre.x() - from.x()) * moved,
                    from.y() + (targetCentre.y() - from.y()) * moved));
          }
        };
    glide.play();
  }

  /** Shows a point of the world in the middle, at a zoom, at once. */
  public void show(double newScale, Point centre) {
    stop();
    moveTo(newScale, centre);
  }

  private void moveTo(double newScale, Point centre) {
    scale.set(newScale);
    x = width.get() / 2 - centre.x() * newScale;
    y = height.get() / 2 - centre.y() * newScale;
    apply();
  }

  /** Ends a glide where it is. */
  private void stop() {
    if (glide != null) {
      glide.stop();
      glide = null;
    }
  }

  private void apply() {
    // whole pixels keep lines and letters crisp
    translate.setX(Math.round(x));
    translate.setY(Math.round(y));
    zoom.setX(scale.get());
    zoom.setY(scale.get());
    changed.run();
  }
}
