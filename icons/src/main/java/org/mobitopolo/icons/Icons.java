// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.icons;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javafx.geometry.Rectangle2D;
import javafx.scene.Group;
import javafx.scene.SnapshotParameters;
import javafx.scene.image.Image;
import javafx.scene.paint.Color;
import javafx.scene.shape.SVGPath;
import javafx.scene.shape.StrokeLineCap;
import javafx.scene.shape.StrokeLineJoin;
import javafx.scene.transform.Transform;

/** Serves the icons as nodes and as images. Sources are parsed once, when first asked for. */
public final class Icons {
  private static final int[] APPLICATION_SIZES = {16, 24, 32, 48, 64, 128, 256};
  private static final Map<Icon, SvgDrawing> DRAWINGS = new ConcurrentHashMap<>();

  private Icons() {}

  /** An icon as a node of a size in pixels, coloured by style sheets. */
  public static IconView view(Icon icon, double size) {
    return new IconView(icon, size);
  }

  /** An icon as an image of a size in pixels in one colour. FX thread only. */
  public static Image image(Icon icon, int size, Color color) {
    return render(drawing(icon), size, color);
  }

  /**
   * The application's own icon in all sizes that window systems ask for, smallest first. FX thread
   * only.
   */
  public static List<Image> application() {
    SvgDrawing drawing = SvgDrawing.read("svg/app.svg");
    return Arrays.stream(APPLICATION_SIZES)
        .mapToObj(size -> render(drawing, size, Color.BLACK))
        .toList();
  }

  /** The application's own icon as an image of a size in pixels. FX thread only. */
  public static Image application(int size) {
    return render(SvgDrawing.read("svg/app.svg"), size, Color.BLACK);
  }

  static SvgDrawing drawing(Icon icon) {
    return DRAWINGS.computeIfAbsent(icon, i -> SvgDrawing.read(i.resource()));
  }

  /**
   * A shape of the drawing in its own size, round where the family is round; paints that follow a
   * colour are unset.
   */
  static SVGPath path(SvgDrawing.Shape shape) {
    SVGPath path = new SVGPath();
    path.setContent(shape.path());
    path.setFill(null);
    path.setStrokeWidth(shape.strokeWidth());
    path.setStrokeLineCap(StrokeLineCap.ROUND);
    path.setStrokeLineJoin(StrokeLineJoin.ROUND);
    path.getStrokeDashArray().setAll(shape.dashes());
    return path;
  }

  private static Image render(SvgDrawing drawing, int size, Color color) {
    Group group = new Group();
    for (SvgDrawing.Shape shape : drawing.shapes()) {
      SVGPath path = path(shape);
      path.setFill(shape.fill() == SvgDrawing.CURRENT ? color : shape.fill());
      path.setStroke(shape.stroke() == SvgDrawing.CURRENT ? color : shape.stroke());
      group.getChildren().add(path);
    }
    SnapshotParameters parameters = new SnapshotParameters();
    parameters.setFill(Color.TRANSPARENT);
    parameters.setTransform(Transform.scale(size / drawing.size(), size / drawing.size()));
    parameters.setViewport(new Rectangle2D(0, 0, size, size));
    return group.snapshot(parameters, null);
  }
}
