// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.model;

/**
 * The live state of a region's host as the canvas draws it.
 *
 * @param facts a short line for the region's header, such as "8 CPUs, 12 GiB free"; empty for none
 * @param load share 0 to 1 of the host that is busy
 * @param reachable whether the host answers
 */
public record RegionDecoration(String facts, double load, boolean reachable) {

  /** A region whose host nobody has reported on. */
  public static final RegionDecoration NONE = new RegionDecoration("", 0, true);

  public RegionDecoration {
    if (!(load >= 0 && load <= 1)) {
      throw new IllegalArgumentException("load must be between 0 and 1, but is " + load);
    }
  }
}
