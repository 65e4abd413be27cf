// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.geometry;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.mobitopolo.topology.Point;

/**
 * Leads links around nodes that stand in the way. The shortest way around boxes bends only at their
 * corners, so it is searched for (Dijkstra) among the corners of the boxes that the straight line
 * hits; if the way found hits others, these join the search, a few times. Where that leads nowhere,
 * or on too long a detour, the link stays straight and passes behind the nodes.
 */
public final class LinkRouter {
  private static final double CLEAR = 15;
  private static final double TOUCH = CLEAR - 3;
  private static final double BEND_COST = 24;
  private static final double LONGEST_DETOUR = 1.7;
  private static final double DETOUR_ALLOWANCE = 160;
  private static final int ROUNDS = 6;
  private static final int MOST_BOXES = 20;

  private LinkRouter() {}

  /**
   * The bends of the way between the middles of two boxes.
   *
   * @param boxes of all nodes
   * @param passable the keys of boxes that are no obstacle: the link's own ends
   * @return empty when the straight line is best
   */
  public static <K> List<Point> route(
      Point from, Point to, BoxIndex<K> boxes, Predicate<K> passable) {
    Segment straight = new Segment(from, to);
    Set<Box> known = new LinkedHashSet<>(hit(straight, boxes, passable));
    if (known.isEmpty()) {
      return List.of();
    }
    for (int round = 0; round < ROUNDS && known.size() <= MOST_BOXES; round++) {
      List<Point> way = shortest(from, to, known);
      if (way.isEmpty() || length(way) > straight.length() * LONGEST_DETOUR + DETOUR_ALLOWANCE) {
        return List.of();
      }
      boolean free = true;
      for (int i = 1; i < way.size(); i++) {
        if (known.addAll(hit(new Segment(way.get(i - 1), way.get(i)), boxes, passable))) {
          free = false;
        }
      }
      if (free) {
        return List.copyOf(way.subList(1, way.size() - 1));
      }
    }
    return List.of();
  }

  private static <K> List<Box> hit(
      Segment segment, BoxIndex<K> boxes, Predicate<K> passable) {
    List<Box> hit = new ArrayList<>();
    for (BoxIndex.Entry<K> entry : boxes.along(segment, TOUCH - 1)) {
      if (!passable.test(entry.key())) {
        hit.add(entry.box());
      }
    }
    return hit;
  }

  private static double length(List<Point> way) {
    double length = 0;
    for (int i = 1; i < way.size(); i++) {
      length += new Segment(way.get(i - 1), way.get(i)).length();
    }
    return length;
  }

  private static List<Point> shortest(Point from, Point to, Set<Box> boxes) {
    List<Box> walls = boxes.stream().map(box -> box.grown(TOUCH)).toList();
    List<Point> corners = new ArrayList<>(List.of(from, to));
    for (Box box : boxes) {
      Box around = box.grown(CLEAR);
      for (Point corner :
          List.of(
              new Point(around.left(), around.top()),
              new Point(around.right(), around.top()),
              new Point(around.right(), around.bottom()),
              new Point(around.left(), around.bottom()))) {
        if (walls.stream().noneMatch(wall -> wall.contains(corner))) {
          corners.add(corner);
        }
      }
    }
    double[] costs = new double[corners.size()];
    int[] before = new int[corners.size()];
    boolean[] done = new boolean[corners.size()];
    Arrays.fill(costs, Double.POSITIVE_INFINITY);
    costs[0] = 0;
    while (true) {
      int nearest = -1;
      for (int i = 0; i < costs.length; i++) {
        if (!done[i] && (nearest < 0 || costs[i] < costs[nearest])) {
          nearest = i;
        }
      }
      if (nearest < 0 || Double.isInfinite(costs[nearest])) {
        return List.of();
      }
      if (nearest == 1) {
        return way(corners, before);
      }
      done[nearest] = true;
      for (int i = 1; i < costs.length; i++) {
        if (done[i]) {
          continue;
        }
        Segment step = new Segment(corners.get(nearest), corners.get(i));
        double cost = costs[nearest] + step.length() + BEND_COST;
        if (cost < costs[i] && isFree(step, walls)) {
          costs[i] = cost;
          before[i] = nearest;
        }
      }
    }
  }

  private static boolean isFree(Segment step, List<Box> walls) {
    for (Box wall : walls) {
      if (step.crosses(wall)) {
        return false;
      }
    }
    return true;
  }

  private static List<Point> way(List<Point> corners, int[] before) {
    List<Point> way = new ArrayList<>();
    for (int at = 1; at != 0; at = before[at]) {
      way.add(corners.get(at));
    }
    way.add(corners.getFirst());
    return way.reversed();
  }

  /**
   * The way of one of several parallel links: its bends lie beside those of the middle one.
   *
   * @param aside to the right of the direction when positive, as in {@link LinkCurve#between}
   */
  public static List<Point> beside(Point from, List<Point> bends, Point to, double aside) {
    if (aside == 0) {
      return bends;
    }
    List<Point> moved = new ArrayList<>(bends.size());
    for (int i = 0; i < bends.size(); i++) {
      Point before = i == 0 ? from : bends.get(i - 1);
      Point after = i == bends.size() - 1 ? to : bends.get(i + 1);
      double dx = after.x() - before.x();
      double dy = after.y() - before.y();
      double length = Math.max(1e-6, Math.hypot(dx, dy));
      moved.add(bends.get(i).plus(-dy / length * aside, dx / length * aside));
    }
    return List.copyOf(moved);
  }
}
