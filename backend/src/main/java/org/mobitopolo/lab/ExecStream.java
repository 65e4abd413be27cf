// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;

/** A command that runs in a guest. The streams block as those of a process do; closing standard input is the guest's end of file. */
public interface ExecStream extends AutoCloseable {

  /** What became of a command. */
  sealed interface Exit {
    /** It ended by itself. */
    record Status(int code) implements Exit {}

    /** A signal ended it. */
    record Signal(int number) implements Exit {}

    /** It never started, or nobody knows its end: a sentence. */
    record Failed(String reason) implements Exit {}
  }

  InputStream stdout();

  InputStream stderr();

  OutputStream stdin();

  /** Completes when the command ended and its output has been received; never exceptionally. */
  CompletableFuture<Exit> exit();

  void resize(int rows, int columns);

  /** Sends a signal to the command's process group. */
  void signal(int number);

  /** Ends the command, if it still runs: hang-up, then kill. */
  @Override
  void close();
}
