// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.geometry;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.function.Predicate;

/**
 * Finds what lies near a place among thousands of boxes: a grid of square cells, each with the boxes
 * that touch it. A key may have several boxes. Not for several threads at once.
 *
 * @param <K> what the boxes belong to
 */
public final class BoxIndex<K> {
  private static final double CELL = 256;

  private final Map<Long, List<Entry<K>>> cells = new HashMap<>();
  private final Map<K, List<Entry<K>>> byKey = new HashMap<>();

  /** A box and what it belongs to. */
  public record Entry<K>(K key, Box box) {}

  /** An empty index. */
  public BoxIndex() {}

  /** Adds a box to those that the key has. */
  public void add(K key, Box box) {
    Entry<K> entry = new Entry<>(key, box);
    byKey.computeIfAbsent(key, _ -> new ArrayList<>(2)).add(entry);
    forCells(box, cell -> cells.computeIfAbsent(cell, _ -> new ArrayList<>(4)).add(entry));
  }

  /** Takes away all boxes of a key. */
  public void remove(K key) {
    List<Entry<K>> gone = byKey.remove(key);
    if (gone != null) {
      for (Entry<K> entry : gone) {
        forCells(entry.box(), cell -> cells.get(cell).removeIf(other -> other == entry));
      }
    }
  }

  /** Gives a key this box and no other. */
  public void put(K key, Box box) {
    List<Entry<K>> before = byKey.get(key);
    if (before == null || before.size() != 1 || !before.getFirst().box().equals(box)) {
      remove(key);
      add(key, box);
    }
  }

  /** The boxes of a key, in the order in which they were added. */
  public List<Box> boxes(K key) {
    return byKey.getOrDefault(key, List.of()).stream().map(Entry::box).toList();
  }

  public Set<K> keys() {
    return Set.copyOf(byKey.keySet());
  }

  /** Whether a box that touches this one fulfils the condition. */
  public boolean any(Box box, Predicate<Entry<K>> condition) {
    for (long x = cell(box.left()); x <= cell(box.right()); x++) {
      for (long y = cell(box.top()); y <= cell(box.bottom()); y++) {
        for (Entry<K> entry : cells.getOrDefault(id(x, y), List.of())) {
          if (entry.box().intersects(box) && condition.test(entry)) {
            return true;
          }
        }
      }
    }
    return false;
  }

  /** The boxes that a straight line touches, widened by a margin. */
  public Set<Entry<K>> along(Segment segment, double margin) {
    Set<Entry<K>> found = new LinkedHashSet<>();
    Box bounds = segment.bounds().grown(margin);
    for (long x = cell(bounds.left()); x <= cell(bounds.right()); x++) {
      for (long y = cell(bounds.top()); y <= cell(bounds.bottom()); y++) {
        List<Entry<K>> here = cells.get(id(x, y));
        if (here != null
            && segment.crosses(
                new Box(x * CELL, y * CELL, (x + 1) * CELL, (y + 1) * CELL).grown(margin))) {
          for (Entry<K> entry : here) {
            if (segment.crosses(entry.box().grown(margin))) {
              found.add(entry);
            }
          }
        }
      }
    }
    return found;
  }

  private static void forCells(Box box, LongConsumer action) {
    for (long x = cell(box.left()); x <= cell(box.right()); x++) {
      for (long y = cell(box.top()); y <= cell(box.bottom()); y++) {
        action.accept(id(x, y));
      }
    }
  }

  private static long cell(double place) {
    return (long) Math.floor(place / CELL);
  }

  private static long id(long x, long y) {
    return x << 32 ^ y & 0xffffffffL;
  }
}
