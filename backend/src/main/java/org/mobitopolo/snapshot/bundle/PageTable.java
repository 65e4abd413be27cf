// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot.bundle;

/**
 * Finds the number of a page by its digest: an open hash table of primitives, 20 bytes an entry, since labs have millions of pages. A digest is
 * the first 128 bits of the page's SHA-256; digests are as good as random, so their own bits are the hash.
 */
final class PageTable {
  private static final int FIRST_CAPACITY = 1 << 12;

  private long[] high = new long[FIRST_CAPACITY];
  private long[] low = new long[FIRST_CAPACITY];
  /** Number plus one; 0 is a free place. */
  private int[] numbers = new int[FIRST_CAPACITY];
  private int size;

  /** How many different pages there are. */
  int size() {
    return size;
  }

  /** The number of the page of that digest; a new one gets the next number, which is {@link #size} before the call. */
  int number(long digestHigh, long digestLow) {
    int place = place(digestHigh, digestLow);
    if (numbers[place] == 0) {
      if (size == Integer.MAX_VALUE - 1) {
        throw new IllegalStateException("a bundle holds at most 2^31 - 2 different pages");
      }
      if (size >= numbers.length / 4 * 3) {
        grow();
        place = place(digestHigh, digestLow);
      }
      high[place] = digestHigh;
      low[place] = digestLow;
      numbers[place] = ++size;
    }
    return numbers[place] - 1;
  }

  private int place(long digestHigh, long digestLow) {
    int mask = numbers.length - 1;
    int place = (int) digestLow & mask;
    while (numbers[place] != 0 && (low[place] != digestLow || high[place] != digestHigh)) {
      place = place + 1 & mask;
    }
    return place;
  }

  private void grow() {
    long[] oldHigh = high;
    long[] oldLow = low;
    int[] oldNumbers = numbers;
    int capacity = Math.multiplyExact(oldNumbers.length, 2);
    high = new long[capacity];
    low = new long[capacity];
    numbers = new int[capacity];
    for (int i = 0; i < oldNumbers.length; i++) {
      if (oldNumbers[i] != 0) {
        int place = place(oldHigh[i], oldLow[i]);
        high[place] = oldHigh[i];
        low[place] = oldLow[i];
        numbers[place] = oldNumbers[i];
      }
    }
  }
}
