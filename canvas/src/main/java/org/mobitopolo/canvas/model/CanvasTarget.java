// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.model;

import java.util.Optional;
import org.mobitopolo.topology.Point;

/**
 * What lies at a place of the canvas.
 *
 * @param kind kind of the element
 * @param id the element's id; empty for {@link Kind#CANVAS}
 * @param position the place in the world, where a menu's "add" would put something
 */
public record CanvasTarget(Kind kind, Optional<String> id, Point position) {

  /** Kinds of elements. */
  public enum Kind {
    NODE,
    LINK,
    REGION,
    NOTE,
    CANVAS
  }
}
