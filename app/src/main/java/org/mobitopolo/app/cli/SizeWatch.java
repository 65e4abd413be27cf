// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.time.Duration;

/**
 * Tells when the size of the terminal changes. Looks a few times a second, as Java hears no
 * SIGWINCH.
 */
final class SizeWatch implements AutoCloseable {

  private static final Duration INTERVAL = Duration.ofMillis(300);

  /** Takes the new size. */
  interface Listener {
    void resized(int rows, int columns);
  }

  private final Thread thread;

  SizeWatch(Terminal terminal, Terminal.Size initial, Listener listener) {
    thread =
        Thread.ofVirtual().name("terminal size").start(() -> watch(terminal, initial, listener));
  }

  private static void watch(Terminal terminal, Terminal.Size initial, Listener listener) {
    Terminal.Size last = initial;
    try {
      while (true) {
        Thread.sleep(INTERVAL);
        Terminal.Size size = terminal.size().orElse(last);
        if (!size.equals(last)) {
          last = size;
          listener.resized(size.rows(), size.columns());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
