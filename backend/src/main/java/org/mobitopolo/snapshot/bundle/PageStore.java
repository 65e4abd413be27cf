// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot.bundle;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/** Numbers pages while a bundle is written: equal ones get one number and are kept once. Thread-safe. */
final class PageStore {
  /** Where full chunks go. Called by several threads at once. */
  interface Output {
    void chunk(long number, byte[] contents) throws IOException;
  }

  private final Output output;
  private final Object lock = new Object();
  private final PageTable table = new PageTable();
  private Chunk chunk = new Chunk();
  private long chunks;

  PageStore(Output output) {
    this.output = output;
  }

  /** Keeps a page and returns its number, or {@link PageMap#ZERO} for one of zeros. */
  long number(byte[] bytes, int offset) throws IOException {
    if (isZero(bytes, offset)) {
      return PageMap.ZERO;
    }
    MessageDigest digest = Digests.sha256();
    digest.update(bytes, offset, Head.PAGE);
    ByteBuffer name = ByteBuffer.wrap(digest.digest());
    Chunk full = null;
    long fullNumber = 0;
    int number;
    synchronized (lock) {
      int before = table.size();
      number = table.number(name.getLong(), name.getLong());
      if (number == before && chunk.add(bytes, offset)) {
        full = chunk;
        fullNumber = chunks++;
        chunk = new Chunk();
      }
    }
    if (full != null) {
      output.chunk(fullNumber, full.contents());
    }
    return number;
  }

  /** Writes the last chunk. Returns how many pages there are. */
  long finish() throws IOException {
    synchronized (lock) {
      if (!chunk.isEmpty()) {
        output.chunk(chunks++, chunk.contents());
        chunk = new Chunk();
      }
      return table.size();
    }
  }

  private static boolean isZero(byte[] bytes, int offset) {
    ByteBuffer page = ByteBuffer.wrap(bytes, offset, Head.PAGE);
    while (page.hasRemaining()) {
      if (page.getLong() != 0) {
        return false;
      }
    }
    return true;
  }
}
