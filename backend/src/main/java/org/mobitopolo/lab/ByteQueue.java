// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A pipe within this program. Its writer waits while much is unread, which slows the guest down; a reader that gives up lets the rest
 * through unread.
 */
final class ByteQueue extends InputStream {
  private static final int MOST = 1 << 18;

  private final Deque<byte[]> blocks = new ArrayDeque<>();
  private int first;
  private int held;
  private boolean ended;
  private boolean abandoned;

  /** Waits while too much is unread. */
  synchronized void put(byte[] bytes) {
    try {
      while (held >= MOST && !abandoned) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    if (!abandoned && bytes.length > 0) {
      blocks.add(bytes);
      held += bytes.length;
      notifyAll();
    }
  }

  synchronized void end() {
    ended = true;
    notifyAll();
  }

  synchronized void abandon() {
    abandoned = true;
    ended = true;
    blocks.clear();
    held = 0;
    notifyAll();
  }

  @Override
  public int read() throws InterruptedIOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public synchronized int read(byte[] target, int offset, int length) throws InterruptedIOException {
    if (length == 0) {
      return 0;
    }
    try {
      while (blocks.isEmpty()) {
        if (ended) {
          return -1;
        }
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a guest's output was read");
    }
    byte[] block = blocks.peek();
    int n = Math.min(length, block.length - first);
    System.arraycopy(block, first, target, offset, n);
    first += n;
    held -= n;
    if (first == block.length) {
      blocks.remove();
      first = 0;
    }
    notifyAll();
    return n;
  }

  @Override
  public synchronized int available() {
    return held;
  }

  @Override
  public void close() {
    abandon();
  }
}
