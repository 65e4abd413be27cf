// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.element;

import java.util.Set;
import javafx.scene.Node;

/** Style classes for the tints of regions and notes. */
final class Tints {
  private static final String PREFIX = "tint-";
  private static final Set<String> KNOWN =
      Set.of("blue", "green", "orange", "purple", "teal", "red", "gray");

  private Tints() {}

  /** Gives a node one tint; an unknown one becomes gray. */
  static void apply(Node node, String tint) {
    node.getStyleClass().removeIf(styleClass -> styleClass.startsWith(PREFIX));
    node.getStyleClass().add(PREFIX + (KNOWN.contains(tint) ? tint : "gray"));
  }
}
