// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.model;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The live state of a node as the canvas draws it.
 *
 * @param state colour of the state dot
 * @param badge a few characters in the card, such as the CPU load; empty for none
 * @param progress share 0 to 1 of the ring around the node; empty for no ring
 * @param progressText phase beside the percentage, such as "Pass 3, 12 MB left"; shown only with
 *     {@code progress}
 * @param result outcome of the last migration, such as "24 ms downtime": shown large for some
 *     seconds, then as a badge
 * @param error a sentence; shown in the card and in full when the pointer rests on it
 */
public record NodeDecoration(
    NodeState state,
    String badge,
    OptionalDouble progress,
    String progressText,
    Optional<String> result,
    Optional<String> error) {

  /** A node that nobody has reported on. */
  public static final NodeDecoration NONE = of(NodeState.STOPPED);

  public NodeDecoration {
    if (progress.isPresent() && !(progress.getAsDouble() >= 0 && progress.getAsDouble() <= 1)) {
      throw new IllegalArgumentException(
          "progress must be between 0 and 1, but is " + progress.getAsDouble());
    }
  }

  /** Only a state. */
  public static NodeDecoration of(NodeState state) {
    return new NodeDecoration(
        state, "", OptionalDouble.empty(), "", Optional.empty(), Optional.empty());
  }

  public NodeDecoration withBadge(String newBadge) {
    return new NodeDecoration(state, newBadge, progress, progressText, result, error);
  }

  public NodeDecoration withProgress(double share, String phase) {
    return new NodeDecoration(state, badge, OptionalDouble.of(share), phase, result, error);
  }

  public NodeDecoration withResult(String newResult) {
    return new NodeDecoration(state, badge, progress, progressText, Optional.of(newResult), error);
  }

  public NodeDecoration withError(String newError) {
    return new NodeDecoration(state, badge, progress, progressText, result, Optional.of(newError));
  }
}
