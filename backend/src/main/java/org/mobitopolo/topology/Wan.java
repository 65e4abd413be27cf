// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

import java.time.Duration;

/**
 * The emulated distance between two regions, the same both ways; it acts on every link and
 * migration that crosses it. The pair has no direction: the record keeps the region whose id sorts
 * first as {@code a}.
 *
 * @param delay one way
 */
public record Wan(String a, String b, Duration delay, Rate rate) implements Comparable<Wan> {

  public Wan {
    if (delay.isNegative()) {
      throw new IllegalArgumentException("The delay between two regions can't be negative.");
    }
    if (a.compareTo(b) > 0) {
      String swap = a;
      a = b;
      b = swap;
    }
  }

  /** Whether it lies between these two regions, in whatever order. */
  public boolean joins(String one, String other) {
    return a.equals(one) && b.equals(other) || a.equals(other) && b.equals(one);
  }

  public boolean touches(String region) {
    return a.equals(region) || b.equals(region);
  }

  /** Orders by the pair of regions. */
  @Override
  public int compareTo(Wan other) {
    int byA = a.compareTo(other.a);
    return byA != 0 ? byA : b.compareTo(other.b);
  }
}
