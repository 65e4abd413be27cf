// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.mobitopolo.app.bench.BenchCommand;
import org.mobitopolo.app.cli.CommandLineProgram;
import org.mobitopolo.app.cli.Interruption;
import org.mobitopolo.app.cli.Surroundings;
import org.mobitopolo.app.cli.Terminal;
import org.mobitopolo.app.window.MobitopoloWindow;
import org.mobitopolo.app.window.frames.CanvasFrames;

/** Entry point: the composition root of command line and window. */
public final class Main {

  private static final int BUFFER = 32768;

  private Main() {}

  public static void main(String[] arguments) {
    Interruption interruption = Interruption.install();
    PrintStream out = stream(FileDescriptor.out);
    PrintStream err = stream(FileDescriptor.err);
    int status;
    try {
      Installation installation = Installation.locate();
      Map<String, String> environment = System.getenv();
      UserFolders folders = UserFolders.of(environment);
      Surroundings surroundings =
          new Surroundings(
              installation,
              folders,
              environment,
              new Terminal(),
              // not System.in, which would hold back what is typed until its buffer is full
              new FileInputStream(FileDescriptor.in),
              out,
              err,
              lab -> new MobitopoloWindow(installation, folders, environment).open(lab));
      status =
          new CommandLineProgram(
                  surroundings,
                  BenchCommand.in(surroundings, nodes -> new CanvasFrames().measure(nodes)))
              .run(arguments);
    } catch (IllegalStateException e) {
      err.println("mobitopolo: " + e.getMessage());
      status = 1;
    }
    out.flush();
    interruption.finished();
    System.exit(status);
  }

  /** A stream that keeps bytes as they are and encodes texts as UTF-8. */
  private static PrintStream stream(FileDescriptor descriptor) {
    return new PrintStream(
        new BufferedOutputStream(new FileOutputStream(descriptor), BUFFER),
        true,
        StandardCharsets.UTF_8);
  }
}
