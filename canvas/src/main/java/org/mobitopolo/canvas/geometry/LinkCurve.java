// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.geometry;

import java.util.ArrayList;
import java.util.List;
import org.mobitopolo.topology.Point;

/**
 * The drawn course of a link from the border of its first node's box to that of its second one, as
 * a chain of short straight pieces. Links between the same two nodes bow apart; bends at waypoints
 * are rounded.
 */
public final class LinkCurve {
  /** Distance in the middle between neighbours of a bundle of parallel links. */
  public static final double SPREAD = 34;

  private static final int BOW_PIECES = 20;
  private static final int BEND_PIECES = 6;
  private static final double BEND_RADIUS = 16;

  private final List<Point> points;
  private final double[] distances;
  private final Box bounds;

  private LinkCurve(List<Point> points) {
    this.points = List.copyOf(points);
    distances = new double[points.size()];
    for (int i = 1; i < distances.length; i++) {
      distances[i] = distances[i - 1] + distance(points.get(i - 1), points.get(i));
    }
    Box box = Box.between(points.get(0), points.get(1));
    for (int i = 2; i < points.size(); i++) {
      box = box.union(Box.between(points.get(i - 1), points.get(i)));
    }
    bounds = box;
  }

  /** A place on the curve and the unit vector of its direction there. */
  public record Place(Point point, double dx, double dy) {}

  /**
   * The course between two boxes.
   *
   * @param waypoints bends from {@code a} to {@code b}
   * @param bow how far its middle lies beside the straight line, to the left of the direction from
   *     {@code a} to {@code b} when negative; unused with waypoints
   */
  public static LinkCurve between(Box a, Box b, List<Point> waypoints, double bow) {
    Point from = new Point(a.centreX(), a.centreY());
    Point to = new Point(b.centreX(), b.centreY());
    if (!waypoints.isEmpty()) {
      return bent(a, b, waypoints);
    }
    double length = distance(from, to);
    if (bow == 0 || length == 0) {
      return new LinkCurve(List.of(a.exitTowards(to), b.exitTowards(from)));
    }
    Point middle =
        new Point(
            (from.x() + to.x()) / 2 - (to.y() - from.y()) / length * bow,
            (from.y() + to.y()) / 2 + (to.x() - from.x()) / length * bow);
    Point start = a.exitTowards(middle);
    Point end = b.exitTowards(middle);
    // a quadratic curve passes half way between its control point and the middle of its ends
    Point control =
        new Point(
            2 * middle.x() - (start.x() + end.x()) / 2, 2 * middle.y() - (start.y() + end.y()) / 2);
    List<Point> points = new ArrayList<>();
    for (int i = 0; i <= BOW_PIECES; i++) {
      points.add(quadratic(start, control, end, (double) i / BOW_PIECES));
    }
    return new LinkCurve(points);
  }

  /** The straight line between two points. */
  public static LinkCurve line(Point from, Point to) {
    return new LinkCurve(List.of(from, to));
  }

  /** A link from a node to itself: a loop above the node's right corner. */
  public static LinkCurve loop(Box box, double size) {
    Point start = new Point(box.right() - 30, box.top());
    Point end = new Point(box.right(), box.top() + 20);
    Point first = new Point(box.right() - 30, box.top() - size);
    Point second = new Point(box.right() + size, box.top() + 20);
    List<Point> points = new ArrayList<>();
    for (int i = 0; i <= BOW_PIECES; i++) {
      double t = (double) i / BOW_PIECES;
      double u = 1 - t;
      points.add(
          new Point(
              u * u * u * start.x()
                  + 3 * u * u * t * first.x()
                  + 3 * u * t * t * second.x()
                  + t * t * t * end.x(),
              u * u * u * start.y()
                  + 3 * u * u * t * first.y()
                  + 3 * u * t * t * second.y()
                  + t * t * t * end.y()));
    }
    return new LinkCurve(points);
  }

  private static LinkCurve bent(Box a, Box b, List<Point> waypoints) {
    List<Point> corners = new ArrayList<>();
    corners.add(a.exitTowards(waypoints.getFirst()));
    corners.addAll(waypoints);
    corners.add(b.exitTowards(waypoints.getLast()));
    List<Point> points = new ArrayList<>();
    points.add(corners.getFirst());
    for (int i = 1; i < corners.size() - 1; i++) {
      Point corner = corners.get(i);
      Point in = towards(corner, corners.get(i - 1));
      Point out = towards(corner, corners.get(i + 1));
      for (int piece = 0; piece <= BEND_PIECES; piece++) {
        points.add(quadratic(in, corner, out, (double) piece / BEND_PIECES));
      }
    }
    points.add(corners.getLast());
    return new LinkCurve(points);
  }

  private static Point towards(Point corner, Point neighbour) {
    double length = distance(corner, neighbour);
    double share = length == 0 ? 0 : Math.min(BEND_RADIUS, length / 2) / length;
    return new Point(
        corner.x() + (neighbour.x() - corner.x()) * share,
        corner.y() + (neighbour.y() - corner.y()) * share);
  }

  private static Point quadratic(Point start, Point control, Point end, double t) {
    double u = 1 - t;
    return new Point(
        u * u * start.x() + 2 * u * t * control.x() + t * t * end.x(),
        u * u * start.y() + 2 * u * t * control.y() + t * t * end.y());
  }

  private static double distance(Point one, Point other) {
    return Math.hypot(other.x() - one.x(), other.y() - one.y());
  }

  /** The chain's points, at least two. */
  public List<Point> points() {
    return points;
  }

  public double length() {
    return distances[distances.length - 1];
  }

  /** The place at a distance from the start, kept within the curve. */
  public Place at(double distance) {
    double wanted = Math.clamp(distance, 0, length());
    int i = 1;
    while (i < distances.length - 1 && distances[i] < wanted) {
      i++;
    }
    Point from = points.get(i - 1);
    Point to = points.get(i);
    double piece = distances[i] - distances[i - 1];
    if (piece == 0) {
      return new Place(from, 1, 0);
    }
    double share = (wanted - distances[i - 1]) / piece;
    double dx = (to.x() - from.x()) / piece;
    double dy = (to.y() - from.y()) / piece;
    return new Place(
        new Point(from.x() + (to.x() - from.x()) * share, from.y() + (to.y() - from.y()) * share),
        dx,
        dy);
  }

  /** The shortest distance from a point to the curve. */
  public double distanceTo(Point point) {
    double nearest = Double.POSITIVE_INFINITY;
    for (int i = 1; i < points.size(); i++) {
      nearest = Math.min(nearest, distanceToPiece(point, points.get(i - 1), points.get(i)));
    }
    return nearest;
  }

  private static double distanceToPiece(Point point, Point from, Point to) {
    double dx = to.x() - from.x();
    double dy = to.y() - from.y();
    double square = dx * dx + dy * dy;
    double share =
        square == 0
            ? 0
            : Math.clamp(
                ((point.x() - from.x()) * dx + (point.y() - from.y()) * dy) / square, 0, 1);
    return Math.hypot(point.x() - from.x() - dx * share, point.y() - from.y() - dy * share);
  }

  /** The smallest box that holds the curve. */
  public Box bounds() {
    return bounds;
  }
}
