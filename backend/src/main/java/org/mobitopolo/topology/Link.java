// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

import java.util.List;
import java.util.Optional;

/**
 * An Ethernet cable between two NICs.
 *
 * @param ab what happens to frames from {@code a} to {@code b}
 * @param ba what happens to frames from {@code b} to {@code a}
 * @param waypoints bends of the drawn line from {@code a} to {@code b}, scene pixels
 */
public record Link(String id, End a, End b, Impairment ab, Impairment ba, List<Point> waypoints) {

  public Link {
    waypoints = List.copyOf(waypoints);
  }

  /** A cable without impairments, drawn straight. */
  public static Link create(String id, End a, End b) {
    return new Link(id, a, b, Impairment.NONE, Impairment.NONE, List.of());
  }

  public boolean touches(String node) {
    return a.node().equals(node) || b.node().equals(node);
  }

  public boolean endsAt(End end) {
    return a.equals(end) || b.equals(end);
  }

  /**
   * The end at the other side; empty when the link does not touch the node. Of a link from a node
   * to itself it gives {@code b}.
   */
  public Optional<End> opposite(String node) {
    if (a.node().equals(node)) {
      return Optional.of(b);
    }
    return b.node().equals(node) ? Optional.of(a) : Optional.empty();
  }

  public Link withEnds(End newA, End newB) {
    return new Link(id, newA, newB, ab, ba, waypoints);
  }

  public Link withImpairments(Impairment newAb, Impairment newBa) {
    return new Link(id, a, b, newAb, newBa, waypoints);
  }

  public Link withWaypoints(List<Point> newWaypoints) {
    return new Link(id, a, b, ab, ba, newWaypoints);
  }
}
