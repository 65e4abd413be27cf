// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.terminal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A command of this computer on a real pseudo terminal (of script(1)), connected to a terminal
 * view.
 */
final class LocalShell {
  private static final int WINDOW = 64 * 1024;

  private final Process process;

  LocalShell(TerminalView terminal, String command) throws IOException {
    ProcessBuilder builder =
        // signals that this process was told to ignore, such as SIGINT in the background, end there
        new ProcessBuilder("env", "--default-signal", "script", "--quiet", "--flush", "--command", command, "/dev/null");
    builder.environment().put("TERM", "xterm-256color");
    builder.environment().put("PS1", "$ ");
    process = builder.redirectErrorStream(true).start();
    OutputStream input = process.getOutputStream();
    terminal.connect(
        new TerminalOutput() {
          @Override
          public void write(byte[] bytes) {
            try {
              input.write(bytes);
              input.flush();
            } catch (IOException e) {
              throw new AssertionError("the shell takes no input", e);
            }
          }

          @Override
          public void resize(int rows, int columns) {
            // script(1) has no way to tell its terminal a size.
          }
        });
    Thread.ofVirtual().start(() -> pump(terminal));
  }

  private void pump(TerminalView terminal) {
    Semaphore room = new Semaphore(WINDOW);
    byte[] buffer = new byte[16 * 1024];
    try (InputStream output = process.getInputStream()) {
      for (int count = output.read(buffer); count >= 0; count = output.read(buffer)) {
        int taken = count;
        room.acquireUninterruptibly(taken);
        terminal.feed(Arrays.copyOf(buffer, taken), () -> room.release(taken));
      }
    } catch (IOException e) {
      // the process was ended while it was read
    }
  }

  /** Ends the command and all that it started. */
  void end() throws InterruptedException {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    process.waitFor(5, TimeUnit.SECONDS);
  }
}
