// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Two channels joined: each gets what the other writes, until one of them ends; then both are closed. How two hosts that do not reach each other
 * talk through this computer.
 */
public final class Joint implements AutoCloseable {
  private static final int BUFFER = 1 << 16;

  private final BulkChannel one;
  private final BulkChannel other;
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * Joins them. The channels belong to this object from now on.
   *
   * @param name of the threads that copy
   */
  public Joint(String name, BulkChannel one, BulkChannel other) {
    this.one = one;
    this.other = other;
    // platform threads, as reading a process's pipe would hold a virtual thread's carrier
    Thread.ofPlatform().daemon().name(name + " there").start(() -> copy(one.output(), other.input()));
    Thread.ofPlatform().daemon().name(name + " back").start(() -> copy(other.output(), one.input()));
  }

  private void copy(InputStream in, OutputStream out) {
    byte[] buffer = new byte[BUFFER];
    try (this) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        out.write(buffer, 0, count);
        out.flush();
      }
    } catch (IOException e) {
      // the connection to one of the hosts is gone
    }
  }

  /** False once either channel has ended. */
  public boolean isOpen() {
    return !closed.get();
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      one.close();
      other.close();
    }
  }
}
