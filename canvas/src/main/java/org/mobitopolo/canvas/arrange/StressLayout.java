// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.arrange;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.mobitopolo.topology.Point;

/**
 * Stress majorization (Gansner, Koren, North 2004): distances on the canvas approach distances in
 * the network, near pairs weighing more. Each round moves every vertex to the weighted mean of the
 * places where the others want it, which never makes the whole worse. It begins on a circle, so the
 * same graph always gives the same picture. As cards are wider than high, everything is computed in
 * units and stretched at the end.
 */
final class StressLayout {
  private static final double UNIT_X = 270;
  private static final double UNIT_Y = 165;
  private static final int ROUNDS = 300;
  private static final double STILL = 1e-4;

  private StressLayout() {}

  /** Places a connected graph. */
  static Map<String, Point> place(LayoutGraph graph, BooleanSupplier cancelled) {
    List<String> ids = new ArrayList<>(graph.vertices().keySet());
    int count = ids.size();
    Map<String, List<String>> neighbours = graph.neighbours();
    double[][] wanted = new double[count][count];
    for (int i = 0; i < count; i++) {
      Map<String, Integer> distances = LayoutGraph.distances(neighbours, List.of(ids.get(i)));
      for (int j = 0; j < count; j++) {
        wanted[i][j] = distances.get(ids.get(j));
      }
    }
    double[] x = new double[count];
    double[] y = new double[count];
    double radius = Math.max(1, count / (2 * Math.PI));
    for (int i = 0; i < count; i++) {
      // not quite regular, or symmetric graphs could not leave a bad balance
      double angle = 2 * Math.PI * i / count + 0.1 * i % 0.7;
      x[i] = radius * Math.cos(angle);
      y[i] = radius * Math.sin(angle);
    }
    for (int round = 0; round < ROUNDS && !cancelled.getAsBoolean(); round++) {
      if (round(wanted, x, y) < STILL * count) {
        break;
      }
    }
    Map<String, Point> centres = new HashMap<>();
    for (int i = 0; i < count; i++) {
      centres.put(ids.get(i), new Point(x[i] * UNIT_X, y[i] * UNIT_Y));
    }
    return centres;
  }

  /** Moves every vertex once; returns how far they moved in all. */
  private static double round(double[][] wanted, double[] x, double[] y) {
    double moved = 0;
    for (int i = 0; i < x.length; i++) {
      double sumX = 0;
      double sumY = 0;
      double weights = 0;
      for (int j = 0; j < x.length; j++) {
        if (i != j) {
          double weight = 1 / (wanted[i][j] * wanted[i][j]);
          double dx = x[i] - x[j];
          double dy = y[i] - y[j];
          double share = wanted[i][j] / Math.max(1e-6, Math.hypot(dx, dy));
          sumX += weight * (x[j] + dx * share);
          sumY += weight * (y[j] + dy * share);
          weights += weight;
        }
      }
      if (weights > 0) {
        moved += Math.abs(sumX / weights - x[i]) + Math.abs(sumY / weights - y[i]);
        x[i] = sumX / weights;
        y[i] = sumY / weights;
      }
    }
    return moved;
  }
}
