// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot.bundle;

import java.util.Arrays;

/** The store's pages lie in chunks of 4 MiB, each a member: large enough to compress well, small enough to fetch a few pages. */
final class Chunk {
  static final int PAGES = 1024;
  static final int BYTES = PAGES * Head.PAGE;

  private final byte[] bytes = new byte[BYTES];
  private int pages;

  /** Appends a page; true if the chunk is full now. */
  boolean add(byte[] from, int offset) {
    System.arraycopy(from, offset, bytes, pages * Head.PAGE, Head.PAGE);
    pages++;
    return pages == PAGES;
  }

  boolean isEmpty() {
    return pages == 0;
  }

  byte[] contents() {
    return pages == PAGES ? bytes : Arrays.copyOf(bytes, pages * Head.PAGE);
  }

  /** Size of a chunk of a store of that many pages. */
  static int bytes(long chunk, long storePages) {
    return (int) Math.min(PAGES, storePages - chunk * PAGES) * Head.PAGE;
  }
}
