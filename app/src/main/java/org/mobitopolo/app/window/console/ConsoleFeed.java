// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.console;

import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.mobitopolo.app.window.terminal.TerminalView;
import org.mobitopolo.lab.ConsoleListener;

/**
 * Hands a console's output to a terminal, and waits while much of it has not passed the emulator
 * yet: so the guest is slowed down instead of memory filling up.
 */
final class ConsoleFeed implements ConsoleListener {
  private static final int MOST_WAITING = 256 * 1024;

  private final TerminalView terminal;
  private final Runnable connected;
  private final Consumer<String> disconnected;
  private final Semaphore room = new Semaphore(MOST_WAITING);
  private volatile boolean closed;
  private boolean freshConnection;

  /**
   * @param connected runs when the stream has a connection, on the stream's thread
   * @param disconnected takes the reason when it has none, on the stream's thread
   */
  ConsoleFeed(TerminalView terminal, Runnable connected, Consumer<String> disconnected) {
    this.terminal = terminal;
    this.connected = connected;
    this.disconnected = disconnected;
  }

  @Override
  public void output(byte[] bytes) {
    if (freshConnection) {
      // what follows is the scrollback, which repeats what an earlier connection has shown
      freshConnection = false;
      terminal.reset();
    }
    int weight = Math.min(bytes.length, MOST_WAITING);
    room.acquireUninterruptibly(weight);
    if (closed) {
      room.release(weight);
      return;
    }
    terminal.feed(bytes, () -> room.release(weight));
  }

  @Override
  public void connected() {
    freshConnection = true;
    if (!closed) {
      connected.run();
    }
  }

  @Override
  public void disconnected(String reason) {
    if (!closed) {
      disconnected.accept(reason);
    }
  }

  /** Drops and tells nothing more, and lets a waiting stream go on. */
  void close() {
    closed = true;
    room.release(MOST_WAITING);
  }
}
