// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.element;

import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import javafx.scene.Group;
import javafx.scene.Node;

/**
 * Keeps in a layer of the scene graph only what is near enough to be seen in detail: all else costs
 * neither styles nor layout nor painting. As styling takes long, only so many are added at once.
 */
final class Nearby {
  private Nearby() {}

  /**
   * Adds and takes away.
   *
   * @param all in the order of the layer, which holds some of them in this order and nothing else
   * @param part what the layer holds of each
   * @param reveal called before one is added
   * @param most how many may be added
   * @return how many more are to be added
   */
  static <V> int show(
      Group layer,
      Collection<V> all,
      Function<V, Node> part,
      Predicate<V> near,
      Consumer<V> reveal,
      int most) {
    List<Node> shown = layer.getChildren();
    int index = 0;
    int added = 0;
    int waiting = 0;
    for (V view : all) {
      boolean there = index < shown.size() && shown.get(index) == part.apply(view);
      if (near.test(view)) {
        if (there) {
          index++;
        } else if (added < most) {
          reveal.accept(view);
          shown.add(index++, part.apply(view));
          added++;
        } else {
          waiting++;
        }
      } else if (there) {
        shown.remove(index);
      }
    }
    return waiting;
  }

  /** Takes from a layer what is no longer among all, and puts the rest into their order. */
  static <V> void reorder(Group layer, Collection<V> all, Function<V, Node> part) {
    List<Node> kept =
        all.stream().map(part).filter(node -> node.getParent() == layer).toList();
    if (!layer.getChildren().equals(kept)) {
      layer.getChildren().setAll(kept);
    }
  }
}
