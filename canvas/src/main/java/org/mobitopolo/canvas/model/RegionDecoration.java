// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.model;

import java.util.List;
import java.util.OptionalDouble;

/**
 * The live state of a region's host as the canvas draws it.
 *
 * @param facts a few words each for the region's header, such as "12 GiB free" and "8 CPUs"; the
 *     first ones remain where there is little room
 * @param cpu share 0 to 1 of the processors that is busy; empty while unknown
 * @param memory share 0 to 1 of the memory that is used; empty while unknown
 * @param reachable whether the host answers
 * @param trouble what is wrong and what to do about it, in sentences; empty when all is well
 */
public record RegionDecoration(
    List<String> facts, OptionalDouble cpu, OptionalDouble memory, boolean reachable, String trouble) {

  /** A region whose host nobody has reported on. */
  public static final RegionDecoration NONE =
      new RegionDecoration(List.of(), OptionalDouble.empty(), OptionalDouble.empty(), true, "");

  public RegionDecoration {
    facts = List.copyOf(facts);
    check("cpu", cpu);
    check("memory", memory);
  }

  private static void check(String what, OptionalDouble share) {
    if (share.isPresent() && !(share.getAsDouble() >= 0 && share.getAsDouble() <= 1)) {
      throw new IllegalArgumentException(
          what + " must be between 0 and 1, but is " + share.getAsDouble());
    }
  }
}
