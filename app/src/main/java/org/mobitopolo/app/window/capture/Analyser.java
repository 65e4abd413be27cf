// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.capture;

import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** A program such as Wireshark that shows a capture while it is read from its standard input. */
public final class Analyser implements AutoCloseable {
  private static final String NAME = "wireshark";

  /** Where installers put it on systems that have no search path for programs with windows. */
  private static final List<Path> USUAL =
      List.of(
          Path.of("/Applications/Wireshark.app/Contents/MacOS/Wireshark"),
          Path.of("C:\\Program Files\\Wireshark\\Wireshark.exe"));

  private final Process process;

  private Analyser(Process process) {
    this.process = process;
  }

  /**
   * Looks for the program.
   *
   * @param chosen the program that the user chose, or empty
   * @param searchPath folders as in the environment variable PATH
   */
  public static Optional<Path> find(String chosen, String searchPath) {
    String name = chosen.isBlank() ? NAME : chosen.strip();
    if (name.contains("/") || name.contains("\\")) {
      return Optional.of(Path.of(name)).filter(Files::isExecutable);
    }
    Stream<Path> inPath =
        Arrays.stream(searchPath.split(File.pathSeparator))
            .filter(folder -> !folder.isBlank())
            .map(folder -> Path.of(folder, name));
    return Stream.concat(inPath, chosen.isBlank() ? USUAL.stream() : Stream.empty())
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Starts the program, which reads from a pipe at once.
   *
   * @throws IOException if it can't be started
   */
  public static Analyser start(Path program) throws IOException {
    return new Analyser(
        new ProcessBuilder(program.toString(), "-k", "-i", "-")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start());
  }

  /** What is written here is shown; an EOFException says that the program was closed. */
  public OutputStream input() {
    return new Input(process.getOutputStream());
  }

  /** Completes when the program was closed. */
  public CompletableFuture<Process> closed() {
    return process.onExit();
  }

  /** Nothing more will come; the program goes on showing what came. */
  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
  }

  private static final class Input extends OutputStream {
    private final OutputStream pipe;

    Input(OutputStream pipe) {
      this.pipe = pipe;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      try {
        pipe.write(bytes, offset, length);
        pipe.flush();
      } catch (IOException e) {
        EOFException end = new EOFException("The analyser was closed.");
        end.initCause(e);
        throw end;
      }
    }
  }
}
