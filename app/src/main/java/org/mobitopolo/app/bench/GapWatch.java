// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** Watches signs of life that come from several places, and tells the longest time without one. Thread-safe. */
final class GapWatch {
  private long last;
  private long longest;
  private long signs;

  /** Counts the bytes that come from there as signs, until its end. */
  void follow(SocketChannel channel) {
    Thread.ofPlatform()
        .daemon()
        .name("watch gaps")
        .start(
            () -> {
              ByteBuffer buffer = ByteBuffer.allocate(4096);
              try {
                while (channel.read(buffer.clear()) >= 0) {
                  note(System.nanoTime());
                }
              } catch (IOException e) {
                // closed: no more signs from there
              }
            });
  }

  private synchronized void note(long now) {
    if (signs++ > 0) {
      longest = Math.max(longest, now - last);
    }
    last = now;
    notifyAll();
  }

  /** Waits for the next sign; false if none has come in that time. */
  synchronized boolean await(long milliseconds) throws InterruptedException {
    long before = signs;
    long end = System.nanoTime() + milliseconds * 1_000_000;
    while (signs == before && System.nanoTime() < end) {
      wait(Math.max(1, (end - System.nanoTime()) / 1_000_000));
    }
    return signs > before;
  }

  /** The longest gap in milliseconds since this was last asked, the one that goes on included. */
  synchronized double longest() {
    double found = Math.max(longest, System.nanoTime() - last) / 1e6;
    longest = 0;
    return found;
  }
}
