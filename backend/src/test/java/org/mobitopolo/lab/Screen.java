// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;

/** A console listener that keeps what it is shown. */
final class Screen implements ConsoleListener {
  private final StringBuilder text = new StringBuilder();
  private int connections;

  @Override
  public synchronized void output(byte[] bytes) {
    text.append(new String(bytes, StandardCharsets.ISO_8859_1));
    notifyAll();
  }

  @Override
  public synchronized void connected() {
    connections++;
    notifyAll();
  }

  synchronized int connections() {
    return connections;
  }

  synchronized void clear() {
    text.setLength(0);
  }

  synchronized String text() {
    return text.toString();
  }

  /** Waits until the text has been shown. */
  synchronized void await(String wanted, int seconds) throws InterruptedException {
    long until = System.nanoTime() + seconds * 1_000_000_000L;
    while (text.indexOf(wanted) < 0 && System.nanoTime() < until) {
      wait(50);
    }
    assertThat(text.toString()).contains(wanted);
  }
}
