// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.arrange;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.topology.Point;

/** Makes room: pushes boxes apart that overlap, and puts parts of a picture side by side. */
final class Packing {
  private static final double BETWEEN_PARTS = 64;
  private static final double ROW_RATIO = 1.7;
  private static final int ROUNDS = 400;

  private Packing() {}

  /** The box around all vertices. */
  static Box extent(LayoutGraph graph, Map<String, Point> centres) {
    return Box.union(
        centres.entrySet().stream()
            .map(entry -> box(graph, entry.getKey(), entry.getValue()))
            .toList());
  }

  private static Box box(LayoutGraph graph, String id, Point centre) {
    LayoutGraph.Size size = graph.vertices().get(id);
    return Box.around(centre, size.width(), size.height());
  }

  /**
   * Pushes overlapping boxes apart, each pair along the axis where less is needed, until none
   * overlap. Should that not come to rest, all are spread from the middle until it does.
   *
   * @param gap that is left between them at least
   */
  static Map<String, Point> spread(LayoutGraph graph, Map<String, Point> centres, double gap) {
    List<String> ids = new ArrayList<>(centres.keySet());
    Map<String, Point> now = new HashMap<>(centres);
    for (int round = 0; round < ROUNDS; round++) {
      if (!push(graph, ids, now, gap)) {
        return now;
      }
      if (round % 40 == 39) {
        now.replaceAll((_, point) -> new Point(point.x() * 1.15, point.y() * 1.15));
      }
    }
    return now;
  }

  private static boolean push(
      LayoutGraph graph, List<String> ids, Map<String, Point> now, double gap) {
    boolean pushed = false;
    for (int i = 0; i < ids.size(); i++) {
      for (int j = i + 1; j < ids.size(); j++) {
        Box one = box(graph, ids.get(i), now.get(ids.get(i)));
        Box other = box(graph, ids.get(j), now.get(ids.get(j)));
        double overX =
            (one.width() + other.width()) / 2 + gap - Math.abs(one.centreX() - other.centreX());
        double overY =
            (one.height() + other.height()) / 2 + gap - Math.abs(one.centreY() - other.centreY());
        if (overX > 0.01 && overY > 0.01) {
          pushed = true;
          double dx = overX < overY ? overX / 2 * side(one.centreX(), other.centreX()) : 0;
          double dy = overX < overY ? 0 : overY / 2 * side(one.centreY(), other.centreY());
          now.computeIfPresent(ids.get(i), (_, point) -> point.plus(dx, dy));
          now.computeIfPresent(ids.get(j), (_, point) -> point.plus(-dx, -dy));
        }
      }
    }
    return pushed;
  }

  private static double side(double one, double other) {
    return one < other ? -1 : 1;
  }

  /** Puts pictures side by side in rows that together have about the shape of a screen. */
  static Map<String, Point> rows(List<LayoutGraph> parts, List<Map<String, Point>> pictures) {
    List<Box> boxes = new ArrayList<>();
    double area = 0;
    double widest = 0;
    for (int i = 0; i < parts.size(); i++) {
      Box box = extent(parts.get(i), pictures.get(i));
      boxes.add(box);
      area += (box.width() + BETWEEN_PARTS) * (box.height() + BETWEEN_PARTS);
      widest = Math.max(widest, box.width());
    }
    double width = Math.max(widest, Math.sqrt(area * ROW_RATIO));
    Map<String, Point> all = new HashMap<>();
    double x = 0;
    double y = 0;
    double rowHeight = 0;
    for (int i = 0; i < boxes.size(); i++) {
      Box box = boxes.get(i);
      if (x > 0 && x + box.width() > width) {
        x = 0;
        y += rowHeight + BETWEEN_PARTS;
        rowHeight = 0;
      }
      double dx = x - box.left();
      double dy = y - box.top();
      pictures.get(i).forEach((id, point) -> all.put(id, point.plus(dx, dy)));
      x += box.width() + BETWEEN_PARTS;
      rowHeight = Math.max(rowHeight, box.height());
    }
    return all;
  }
}
