// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.bench;

import java.util.List;

/**
 * Measures the canvas. Given to the benchmarks from outside, so that they need no window
 * themselves.
 */
@FunctionalInterface
public interface CanvasMeter {

  /**
   * What was done, and what a frame of it took.
   *
   * @param what such as "drag a node"
   * @param applicationMillis CPU time a frame of the thread that handles events and lays out
   * @param longestMillis most CPU time that it took for a frame: no task on it was longer
   * @param rendererMillis CPU time a frame of the thread that paints, at the same time
   * @param framesPerSecond frames that were shown a second, at most 60
   */
  record Frames(
      String what,
      double applicationMillis,
      double longestMillis,
      double rendererMillis,
      double framesPerSecond) {}

  /**
   * What it took from handing the lab over to its first whole frame.
   *
   * @param millis time
   * @param applicationMillis CPU time of the thread that handles events and lays out
   * @param rendererMillis CPU time of the thread that paints
   */
  record Opening(double millis, double applicationMillis, double rendererMillis) {}

  /**
   * What came out.
   *
   * @param nodes in the lab
   * @param links in the lab
   * @param pipeline what paints: {@code sw} is software, without a graphics card
   * @param opening of the lab
   */
  record Report(int nodes, int links, String pipeline, Opening opening, List<Frames> frames) {}

  /**
   * Shows a window with a large lab and measures. May be called once in a process.
   *
   * @param nodes about how many nodes
   * @throws IllegalStateException with a sentence when there is no display
   */
  Report measure(int nodes) throws InterruptedException;
}
