// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.model;

/**
 * The live state of a link as the canvas draws it.
 *
 * @param label what passes now, such as "790 kbit/s"; empty for none
 * @param loadAb 0 to 1: how busy the direction from {@code a} to {@code b} is; 0 shows no arrow
 * @param loadBa the same for the other direction
 * @param up whether both ends reach each other; a link that is down is dashed
 * @param drops what was lost lately, such as "12 lost"; empty for none
 */
public record LinkDecoration(String label, double loadAb, double loadBa, boolean up, String drops) {

  /** A link that nobody has reported on. */
  public static final LinkDecoration NONE = new LinkDecoration("", 0, 0, true, "");

  public LinkDecoration {
    if (!(loadAb >= 0 && loadAb <= 1 && loadBa >= 0 && loadBa <= 1)) {
      throw new IllegalArgumentException(
          "loads must be between 0 and 1, but are " + loadAb + " and " + loadBa);
    }
  }

  /** The busier direction's load. */
  public double load() {
    return Math.max(loadAb, loadBa);
  }
}
