// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology.generate;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.mobitopolo.topology.Point;

/**
 * A network without names and addresses yet: places around the origin, and pairs of them.
 *
 * @param places of the nodes, in scene pixels; where {@code hub} is set, the last one is a switch
 * @param links pairs of numbers of nodes
 */
record Plan(List<Point> places, List<Pair> links, boolean hub) {
  private static final double STEP_X = 256;
  private static final double STEP_Y = 144;
  private static final int MOST_LINKS = 16;

  /** Two nodes by number. */
  record Pair(int a, int b) {}

  static Plan of(Shape shape, int count, int second, long seed) {
    return switch (shape) {
      case LINE -> line(count);
      case RING -> ring(count);
      case STAR -> star(count);
      case MESH -> mesh(count);
      case TREE -> tree(count, second);
      case GRID -> grid(count, second);
      case LEAF_SPINE -> leafSpine(count, second);
      case RANDOM -> random(count, second, new Random(seed));
    };
  }

  private static Plan line(int count) {
    List<Point> places = new ArrayList<>();
    List<Pair> links = new ArrayList<>();
    // long ones in rows that turn at their ends
    int columns = Math.max(6, (int) Math.ceil(Math.sqrt(count * 1.2)));
    for (int i = 0; i < count; i++) {
      int row = i / columns;
      int column = row % 2 == 0 ? i % columns : columns - 1 - i % columns;
      places.add(new Point(column * STEP_X, row * STEP_Y));
      if (i > 0) {
        links.add(new Pair(i - 1, i));
      }
    }
    return new Plan(places, links, false);
  }

  private static Plan ring(int count) {
    List<Pair> links = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      links.add(new Pair(i, (i + 1) % count));
    }
    return new Plan(circle(count), links, false);
  }

  private static List<Point> circle(int count) {
    double radiusX = Math.max(STEP_X * 0.75, STEP_X * count / (2 * Math.PI));
    double radiusY = Math.max(STEP_Y, radiusX * 0.6);
    List<Point> places = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double angle = 2 * Math.PI * i / count - Math.PI / 2;
      places.add(new Point(radiusX * Math.cos(angle), radiusY * Math.sin(angle)));
    }
    return places;
  }

  private static Plan star(int count) {
    List<Point> places = circle(count);
    List<Pair> links = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      links.add(new Pair(i, count));
    }
    places.add(new Point(0, 0));
    return new Plan(places, links, true);
  }

  private static Plan mesh(int count) {
    List<Pair> links = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      for (int j = i + 1; j < count; j++) {
        links.add(new Pair(i, j));
      }
    }
    return new Plan(circle(count), links, false);
  }

  private static Plan tree(int count, int children) {
    List<Pair> links = new ArrayList<>();
    for (int i = 1; i < count; i++) {
      links.add(new Pair((i - 1) / children, i));
    }
    // the last rank decides the width; ranks above stand over the middle of their children
    Point[] places = new Point[count];
    double[] next = {0};
    place(0, 0, children, places, next);
    return new Plan(List.of(places), links, false);
  }

  private static double place(int node, int depth, int children, Point[] places, double[] next) {
    int first = node * children + 1;
    double x;
    if (first >= places.length) {
      x = next[0];
      next[0] += STEP_X * 0.86;
    } else {
      double from = 0;
      double to = 0;
      for (int child = first; child < Math.min(first + children, places.length); child++) {
        to = place(child, depth + 1, children, places, next);
        from = child == first ? to : from;
      }
      x = (from + to) / 2;
    }
    places[node] = new Point(x, depth * STEP_Y);
    return x;
  }

  private static Plan grid(int columns, int rows) {
    List<Point> places = new ArrayList<>();
    List<Pair> links = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        int node = row * columns + column;
        places.add(new Point(column * STEP_X, row * STEP_Y));
        if (column > 0) {
          links.add(new Pair(node - 1, node));
        }
        if (row > 0) {
          links.add(new Pair(node - columns, node));
        }
      }
    }
    return new Plan(places, links, false);
  }

  private static Plan leafSpine(int leaves, int spines) {
    List<Point> places = new ArrayList<>();
    List<Pair> links = new ArrayList<>();
    for (int spine = 0; spine < spines; spine++) {
      places.add(new Point((spine - (spines - 1) / 2.0) * STEP_X, 0));
    }
    for (int leaf = 0; leaf < leaves; leaf++) {
      places.add(new Point((leaf - (leaves - 1) / 2.0) * STEP_X, 1.6 * STEP_Y));
      for (int spine = 0; spine < spines; spine++) {
        links.add(new Pair(spine, spines + leaf));
      }
    }
    return new Plan(places, links, false);
  }

  /** A random tree, so that all is connected, and random links on top. */
  private static Plan random(int count, int degree, Random random) {
    Set<Pair> links = new LinkedHashSet<>();
    int[] degrees = new int[count];
    for (int i = 1; i < count; i++) {
      int parent;
      do {
        parent = random.nextInt(i);
      } while (degrees[parent] >= MOST_LINKS - 1);
      add(links, degrees, parent, i);
    }
    int wanted = Math.min(count * degree / 2, count * (count - 1) / 2);
    for (int attempt = 0; links.size() < wanted && attempt < 50 * wanted; attempt++) {
      int a = random.nextInt(count);
      int b = random.nextInt(count);
      if (a != b && degrees[a] < MOST_LINKS && degrees[b] < MOST_LINKS) {
        add(links, degrees, Math.min(a, b), Math.max(a, b));
      }
    }
    return new Plan(circle(count), List.copyOf(links), false);
  }

  private static void add(Set<Pair> links, int[] degrees, int a, int b) {
    if (links.add(new Pair(a, b))) {
      degrees[a]++;
      degrees[b]++;
    }
  }

  /** The links of each node. */
  List<List<Integer>> linksOf() {
    List<List<Integer>> byNode = new ArrayList<>();
    for (int i = 0; i < places.size(); i++) {
      byNode.add(new ArrayList<>());
    }
    for (int i = 0; i < links.size(); i++) {
      byNode.get(links.get(i).a()).add(i);
      byNode.get(links.get(i).b()).add(i);
    }
    return byNode;
  }

  /** The node at the other end of a link. */
  int opposite(int link, int node) {
    return links.get(link).a() == node ? links.get(link).b() : links.get(link).a();
  }
}
