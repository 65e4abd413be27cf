// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot.bundle;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongFunction;

/** The chunks used last, decompressed. A VM's pages lie nearly in order, so that few are enough. Thread-safe. */
final class ChunkCache {
  private static final int MOST = 24;

  private final LongFunction<byte[]> read;
  private final Map<Long, byte[]> kept = new LinkedHashMap<>(16, 0.75f, true);

  ChunkCache(LongFunction<byte[]> read) {
    this.read = read;
  }

  /** The chunk that has the page. */
  byte[] chunk(long page) {
    long number = page / Chunk.PAGES;
    synchronized (kept) {
      byte[] known = kept.get(number);
      if (known != null) {
        return known;
      }
    }
    // outside the lock: two threads may read one chunk twice, but never wait for each other
    byte[] fresh = read.apply(number);
    synchronized (kept) {
      kept.put(number, fresh);
      if (kept.size() > MOST) {
        kept.remove(kept.keySet().iterator().next());
      }
    }
    return fresh;
  }

  /** Where the page lies in its chunk. */
  static int offset(long page) {
    return (int) (page % Chunk.PAGES) * Head.PAGE;
  }
}
