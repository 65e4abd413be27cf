// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Keeps the end of what a process writes to standard error, as one printable line for a failure text. */
final class ErrorTail extends OutputStream {
  private static final int LIMIT = 2000;

  private final StringBuilder text = new StringBuilder();

  /** Starts a thread that reads the stream to its end. */
  static ErrorTail reading(InputStream stream) {
    ErrorTail tail = new ErrorTail();
    Thread.ofPlatform()
        .daemon()
        .name("standard error")
        .start(
            () -> {
              try (stream) {
                stream.transferTo(tail);
              } catch (IOException e) {
                tail.append(" (" + e.getMessage() + ")");
              }
            });
    return tail;
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    append(new String(bytes, offset, length, StandardCharsets.UTF_8));
  }

  private synchronized void append(String more) {
    text.append(more);
    if (text.length() > LIMIT) {
      text.delete(0, text.length() - LIMIT);
    }
  }

  @Override
  public synchronized String toString() {
    return Printable.line(text.toString(), LIMIT);
  }
}
