// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology.generate;

/** The networks that can be generated. */
public enum Shape {
  /** Each machine linked with the next. */
  LINE(2, 200, 0),
  /** A line whose ends are linked. */
  RING(3, 200, 0),
  /** Machines at one switch. */
  STAR(2, 100, 0),
  /** Each machine linked with every other one. */
  MESH(2, 16, 0),
  /** A tree in which each machine but the last has {@code second} children. */
  TREE(2, 200, 2),
  /** {@code count} columns and {@code second} rows, neighbours linked. */
  GRID(2, 20, 3),
  /** {@code count} leaves, each linked with all {@code second} spines. */
  LEAF_SPINE(2, 16, 2),
  /** Connected, with {@code second} links a machine on average, at random. */
  RANDOM(3, 200, 3);

  private final int smallest;
  private final int largest;
  private final int usualSecond;

  Shape(int smallest, int largest, int usualSecond) {
    this.smallest = smallest;
    this.largest = largest;
    this.usualSecond = usualSecond;
  }

  /** The smallest number that makes sense. */
  public int smallest() {
    return smallest;
  }

  /** The largest number; a machine has at most 16 interfaces. */
  public int largest() {
    return largest;
  }

  /** Whether there is a second number to choose. */
  public boolean hasSecond() {
    return usualSecond > 0;
  }

  /** A good second number; 0 without one. */
  public int usualSecond() {
    return usualSecond;
  }

  /** The largest second number. */
  public int largestSecond() {
    return switch (this) {
      case GRID -> 20;
      case LEAF_SPINE -> 16;
      case TREE -> 15;
      case RANDOM -> 6;
      default -> 0;
    };
  }
}
