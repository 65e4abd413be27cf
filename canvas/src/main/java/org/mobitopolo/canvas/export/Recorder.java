// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.export;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javafx.geometry.Bounds;
import javafx.geometry.Point2D;
import javafx.scene.Node;
import javafx.scene.Parent;
import javafx.scene.layout.BackgroundFill;
import javafx.scene.layout.BorderStroke;
import javafx.scene.layout.CornerRadii;
import javafx.scene.layout.Region;
import javafx.scene.paint.Color;
import javafx.scene.paint.Paint;
import javafx.scene.shape.ClosePath;
import javafx.scene.shape.CubicCurveTo;
import javafx.scene.shape.LineTo;
import javafx.scene.shape.MoveTo;
import javafx.scene.shape.Path;
import javafx.scene.shape.PathElement;
import javafx.scene.shape.Polygon;
import javafx.scene.shape.Polyline;
import javafx.scene.shape.QuadCurveTo;
import javafx.scene.shape.Rectangle;
import javafx.scene.shape.Shape;
import javafx.scene.shape.StrokeLineCap;
import javafx.scene.text.Text;
import javafx.scene.text.TextLineInfo;
import javafx.scene.transform.NonInvertibleTransformException;
import javafx.scene.transform.Transform;
import org.mobitopolo.canvas.export.Drawing.Mark;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.topology.Point;

/**
 * Records what a scene graph shows: backgrounds and borders of regions, lines, areas, texts, with
 * all transforms, visibility and opacity. It knows what the canvas uses: paints are plain colours,
 * corners have one radius, and transforms keep things upright, but for shapes. FX thread only.
 */
public final class Recorder {
  private final Node root;
  private final List<Mark> marks = new ArrayList<>();

  private Recorder(Node root) {
    this.root = root;
  }

  /**
   * Records a node with all in it.
   *
   * @param root styled and laid out; its own coordinates are those of the drawing
   * @param bounds what of it the drawing shows
   */
  public static Drawing record(Node root, Box bounds, Color background) {
    Recorder recorder = new Recorder(root);
    recorder.visit(root, 1);
    return new Drawing(bounds, background, recorder.marks);
  }

  private void visit(Node node, double opacity) {
    double now = opacity * node.getOpacity();
    if (!node.isVisible() || now == 0) {
      return;
    }
    switch (node) {
      case Region region -> region(region, now);
      case Text text -> text(text, now);
      case Shape shape -> shape(shape, now);
      default -> {}
    }
    if (node instanceof Parent parent) {
      parent.getChildrenUnmodifiable().forEach(child -> visit(child, now));
    }
  }

  private Transform toDrawing(Node node) {
    Transform all = Transform.translate(0, 0);
    for (Node at = node; at != root; at = at.getParent()) {
      all = at.getLocalToParentTransform().createConcatenation(all);
    }
    return all;
  }

  private void region(Region region, double opacity) {
    Transform transform = toDrawing(region);
    double width = region.getWidth();
    double height = region.getHeight();
    if (region.getBackground() != null) {
      for (BackgroundFill fill : region.getBackground().getFills()) {
        Box box =
            new Box(
                fill.getInsets().getLeft(),
                fill.getInsets().getTop(),
                width - fill.getInsets().getRight(),
                height - fill.getInsets().getBottom());
        color(fill.getFill(), opacity)
            .filter(_ -> box.width() > 0 && box.height() > 0)
            .ifPresent(
                color ->
                    marks.add(
                        new Mark.Area(rounded(transform, box, radius(fill.getRadii())), color)));
      }
    }
    if (region.getBorder() != null) {
      for (BorderStroke stroke : region.getBorder().getStrokes()) {
        double line = stroke.getWidths().getTop();
        Box box = new Box(line / 2, line / 2, width - line / 2, height - line / 2);
        color(stroke.getTopStroke(), opacity)
            .ifPresent(
                color ->
                    marks.add(
                        new Mark.Line(
                            rounded(transform, box, radius(stroke.getRadii())),
                            color,
                            line * scale(transform),
                            stroke.getTopStyle().getDashArray(),
                            false)));
      }
    }
  }

  private static double radius(CornerRadii radii) {
    return radii == null ? 0 : radii.getTopLeftHorizontalRadius();
  }

  private static Outline rounded(Transform transform, Box box, double radius) {
    Point2D corner = transform.transform(box.left(), box.top());
    double scale = scale(transform);
    return Outline.rectangle(
        corner.getX(), corner.getY(), box.width() * scale, box.height() * scale, radius * scale);
  }

  private static double scale(Transform transform) {
    return Math.hypot(transform.getMxx(), transform.getMyx());
  }

  private void text(Text text, double opacity) {
    Optional<Color> color = color(text.getFill(), opacity);
    if (color.isEmpty() || text.getText().isBlank()) {
      return;
    }
    Transform transform = toDrawing(text);
    Bounds bounds = text.getLayoutBounds();
    Bounds clip = text.getClip() == null ? null : text.getClip().getBoundsInLocal();
    List<TextLineInfo> lines = text.getLayoutInfo().getTextLines(false);
    double firstTop = lines.getFirst().bounds().getMinY();
    for (TextLineInfo line : lines) {
      double top = bounds.getMinY() + line.bounds().getMinY() - firstTop;
      String words = text.getText().substring(line.start(), line.end()).stripTrailing();
      boolean cut = clip != null && top + line.bounds().getHeight() > clip.getMaxY();
      if (!words.isEmpty() && !cut) {
        Point2D start =
            transform.transform(bounds.getMinX(), top + text.getBaselineOffset());
        double share = (double) words.length() / (line.end() - line.start());
        double scale = scale(transform);
        marks.add(
            new Mark.Words(
                words,
                text.getFont(),
                color.get(),
                start.getX(),
                start.getY(),
                share == 1 ? line.bounds().getWidth() * scale : 0,
                scale));
      }
    }
  }

  private void shape(Shape shape, double opacity) {
    Transform transform = toDrawing(shape);
    Outline outline =
        switch (shape) {
          case Polyline line -> Outline.chain(points(line.getPoints(), transform), false);
          case Polygon area -> Outline.chain(points(area.getPoints(), transform), true);
          case Rectangle box when isUpright(transform) ->
              rounded(
                  transform,
                  new Box(
                      box.getX(),
                      box.getY(),
                      box.getX() + box.getWidth(),
                      box.getY() + box.getHeight()),
                  box.getArcWidth() / 2);
          default -> null;
        };
    if (outline == null) {
      // anything else: the area that its fill and stroke cover
      Paint paint = shape.getStroke() == null ? shape.getFill() : shape.getStroke();
      color(paint, opacity)
          .ifPresent(color -> marks.add(new Mark.Area(covered(shape, transform), color)));
      return;
    }
    color(shape.getFill(), opacity)
        .ifPresent(color -> marks.add(new Mark.Area(outline, color)));
    color(shape.getStroke(), opacity)
        .filter(_ -> shape.getStrokeWidth() > 0)
        .ifPresent(
            color ->
                marks.add(
                    new Mark.Line(
                        outline,
                        color,
                        shape.getStrokeWidth() * scale(transform),
                        shape.getStrokeDashArray(),
                        shape.getStrokeLineCap() == StrokeLineCap.ROUND)));
  }

  private static boolean isUpright(Transform transform) {
    return transform.getMxx() > 0 && transform.getMyy() > 0 && transform.getMxy() == 0;
  }

  private static List<Point> points(List<Double> numbers, Transform transform) {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i + 1 < numbers.size(); i += 2) {
      Point2D point = transform.transform(numbers.get(i), numbers.get(i + 1));
      points.add(new Point(point.getX(), point.getY()));
    }
    return points;
  }

  /** The outline of all that a shape covers; shape operations give it in the scene's coordinates. */
  private static Outline covered(Shape shape, Transform transform) {
    Transform toScene = shape.getLocalToSceneTransform();
    Path path = (Path) Shape.union(shape, new Rectangle());
    try {
      Transform fromScene = transform.createConcatenation(toScene.createInverse());
      return outline(path, fromScene);
    } catch (NonInvertibleTransformException e) {
      return new Outline(List.of());
    }
  }

  static Outline outline(Path path, Transform transform) {
    List<Outline.Step> steps = new ArrayList<>();
    Point2D pen = Point2D.ZERO;
    for (PathElement element : path.getElements()) {
      switch (element) {
        case MoveTo to -> {
          pen = transform.transform(to.getX(), to.getY());
          steps.add(new Outline.Step.Move(pen.getX(), pen.getY()));
        }
        case LineTo to -> {
          pen = transform.transform(to.getX(), to.getY());
          steps.add(new Outline.Step.Line(pen.getX(), pen.getY()));
        }
        case QuadCurveTo to -> {
          Point2D control = transform.transform(to.getControlX(), to.getControlY());
          Point2D end = transform.transform(to.getX(), to.getY());
          Point2D first = pen.interpolate(control, 2.0 / 3);
          Point2D second = end.interpolate(control, 2.0 / 3);
          steps.add(curve(first, second, end));
          pen = end;
        }
        case CubicCurveTo to -> {
          Point2D end = transform.transform(to.getX(), to.getY());
          steps.add(
              curve(
                  transform.transform(to.getControlX1(), to.getControlY1()),
                  transform.transform(to.getControlX2(), to.getControlY2()),
                  end));
          pen = end;
        }
        case ClosePath _ -> steps.add(new Outline.Step.Close());
        default -> throw new IllegalStateException("a shape operation gave " + element);
      }
    }
    return new Outline(steps);
  }

  private static Outline.Step curve(Point2D first, Point2D second, Point2D end) {
    return new Outline.Step.Curve(
        first.getX(), first.getY(), second.getX(), second.getY(), end.getX(), end.getY());
  }

  private static Optional<Color> color(Paint paint, double opacity) {
    return paint instanceof Color color && color.getOpacity() * opacity > 0
        ? Optional.of(color.deriveColor(0, 1, 1, opacity))
        : Optional.empty();
  }
}
