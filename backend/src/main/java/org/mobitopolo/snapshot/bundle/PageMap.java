// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot.bundle;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Which pages a region has, and where the store has each: ascending runs that neither overlap nor touch needlessly. What no run covers is
 * absent: a hole of RAM, which reads as zeros, or a disk block that the overlay does not hold.
 */
final class PageMap {
  /** Stands for a page of zeros, which no store keeps. */
  static final long ZERO = -1;

  private static final int RUN_BYTES = 16;
  private static final long MOST_PAGES = 1L << 32;

  private int[] first = new int[16];
  private int[] count = new int[16];
  private long[] stored = new long[16];
  private int runs;
  private long end;

  /** Adds the next page; see {@link #add(long, int, long)}. */
  void add(long page, long number) {
    add(page, 1, number);
  }

  /**
   * Adds the next pages.
   *
   * @param page number of the first in the region; larger than all before
   * @param pages how many
   * @param number of the first one's contents in the store, from where they follow each other, or {@link #ZERO} for all
   * @throws IllegalArgumentException if they are not behind those before, or not possible ones
   */
  void add(long page, int pages, long number) {
    if (page < end || pages < 1 || page + pages > MOST_PAGES) {
      throw new IllegalArgumentException("page " + page + " comes after page " + (end - 1));
    }
    if (runs > 0 && page == end && follows(pages, number)) {
      count[runs - 1] += pages;
    } else {
      addRun(page, pages, number);
    }
    end = page + pages;
  }

  private boolean follows(int pages, long number) {
    long begin = stored[runs - 1];
    boolean room = count[runs - 1] <= Integer.MAX_VALUE - pages;
    return room && (number == ZERO ? begin == ZERO : begin != ZERO && begin + count[runs - 1] == number);
  }

  private void addRun(long page, int pages, long number) {
    if (runs == first.length) {
      first = Arrays.copyOf(first, runs * 2);
      count = Arrays.copyOf(count, runs * 2);
      stored = Arrays.copyOf(stored, runs * 2);
    }
    first[runs] = (int) page;
    count[runs] = pages;
    stored[runs] = number;
    runs++;
  }

  int runs() {
    return runs;
  }

  /** Number in the region of the run's first page. */
  long first(int run) {
    return Integer.toUnsignedLong(first[run]);
  }

  int count(int run) {
    return count[run];
  }

  /** Number in the store of the run's first page, from where they follow each other; or {@link #ZERO} for all of them. */
  long stored(int run) {
    return stored[run];
  }

  /** Number of the last page plus one. */
  long end() {
    return end;
  }

  /** How many pages it has. */
  long pages() {
    long sum = 0;
    for (int run = 0; run < runs; run++) {
      sum += count[run];
    }
    return sum;
  }

  byte[] toBytes() {
    ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(runs, RUN_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
    for (int run = 0; run < runs; run++) {
      bytes.putInt(first[run]).putInt(count[run]).putLong(stored[run]);
    }
    return bytes.array();
  }

  /**
   * Reads what {@link #toBytes} wrote, or somebody who means harm.
   *
   * @param regionPages size of the region
   * @param storePages how many pages the store has
   * @throws IllegalArgumentException what is wrong with it
   */
  static PageMap parse(byte[] bytes, long regionPages, long storePages) {
    if (bytes.length % RUN_BYTES != 0) {
      throw new IllegalArgumentException("its length is no multiple of " + RUN_BYTES);
    }
    PageMap map = new PageMap();
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (in.hasRemaining()) {
      long page = Integer.toUnsignedLong(in.getInt());
      int pages = in.getInt();
      long number = in.getLong();
      if (pages < 1 || page < map.end || page > regionPages - pages) {
        throw new IllegalArgumentException("a run lies outside of its region or is out of order");
      }
      if (number != ZERO && (number < 0 || number > storePages - pages)) {
        throw new IllegalArgumentException("a run names pages that the bundle does not have");
      }
      map.add(page, pages, number);
    }
    return map;
  }
}
