// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.arrange;

/** The edge or middle line on which elements are brought into line. */
public enum Alignment {
  LEFT,
  CENTRE,
  RIGHT,
  TOP,
  MIDDLE,
  BOTTOM;

  /** Whether elements move sideways for it, and not up or down. */
  boolean isHorizontal() {
    return this == LEFT || this == CENTRE || this == RIGHT;
  }
}
