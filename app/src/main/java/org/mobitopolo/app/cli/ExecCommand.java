// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.mobitopolo.lab.ExecRequest;
import org.mobitopolo.lab.ExecStream;
import org.mobitopolo.lab.Lab;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code exec}: runs a command in a guest, its streams and its exit status passed through. */
@Command(
    name = "exec",
    description = {
      "Run a command in a node. Its input, output and exit status are passed through; ^C interrupts"
          + " it there.",
      "Status 255: it could not be run; 128 and more: ended by signal number status - 128."
    })
final class ExecCommand extends LabCommand {

  private static final int NOT_RUN = 255;
  private static final int SIGINT = 2;

  @Parameters(index = "0", paramLabel = "LAB", description = "File, name or id.")
  private String lab;

  @Parameters(index = "1", paramLabel = "NODE", description = "Name of the node.")
  private String node;

  @Parameters(
      index = "2..*",
      paramLabel = "COMMAND",
      arity = "1..*",
      description = "Program and arguments, after --.")
  private List<String> command;

  @Option(
      names = "--cwd",
      paramLabel = "FOLDER",
      defaultValue = "/",
      description = "Working directory (default: ${DEFAULT-VALUE}).")
  private String folder;

  @Option(
      names = "--env",
      paramLabel = "NAME=VALUE",
      description = "Variable for the command; may be given several times.")
  private Map<String, String> environment = new LinkedHashMap<>();

  @Option(
      names = {"-t", "--tty"},
      description = "Give the command a terminal, as a shell or an editor wants it.")
  private boolean tty;

  ExecCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run(Session session) throws Exception {
    LabTarget target = new LabFinder(session).find(lab);
    String id = machine(target.topology(), node).id();
    Terminal terminal = surroundings().terminal();
    if (tty && !terminal.isInput()) {
      throw new CliException("--tty needs a terminal at standard input.");
    }
    Terminal.Size size = terminal.size().orElse(new Terminal.Size(24, 80));
    Lab open = session.open(target.topology(), target.file());
    ExecRequest request =
        new ExecRequest(command, environment, folder, tty, size.rows(), size.columns());
    try (ExecStream stream = open.exec(id, request)) {
      if (!tty) {
        return connect(stream);
      }
      try (Terminal.RawMode _ = terminal.raw();
          SizeWatch _ = new SizeWatch(terminal, size, stream::resize)) {
        return connect(stream);
      }
    }
  }

  private int connect(ExecStream stream) throws InterruptedException {
    Thread.ofPlatform()
        .daemon()
        .name("standard input")
        .start(() -> feed(surroundings().in(), stream.stdin()));
    Thread errors =
        Thread.ofVirtual()
            .name("standard error")
            .start(() -> copy(stream.stderr(), surroundings().err()));
    Thread output =
        Thread.ofVirtual()
            .name("standard output")
            .start(() -> copy(stream.stdout(), surroundings().out()));
    ExecStream.Exit exit = awaitExit(stream);
    output.join();
    errors.join();
    return switch (exit) {
      case ExecStream.Exit.Status status -> status.code();
      case ExecStream.Exit.Signal signal -> 128 + signal.number();
      case ExecStream.Exit.Failed failed -> {
        String reason = failed.reason() + (failed.reason().endsWith(".") ? "" : ".");
        surroundings()
            .err()
            .println(
                "mobitopolo: \""
                    + command.getFirst()
                    + "\" did not run to its end in "
                    + node
                    + ": "
                    + reason);
        yield NOT_RUN;
      }
    };
  }

  /**
   * The first ^C interrupts the command in the guest; whatever else interrupts ends the waiting.
   */
  private static ExecStream.Exit awaitExit(ExecStream stream) throws InterruptedException {
    try {
      try {
        return stream.exit().get();
      } catch (InterruptedException e) {
        stream.signal(SIGINT);
        return stream.exit().get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a command's exit is never exceptional", e);
    }
  }

  /** Copies all input and closes the output, which the guest sees as end of file. */
  private static void feed(InputStream from, OutputStream to) {
    try (to) {
      byte[] buffer = new byte[16384];
      for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
        to.write(buffer, 0, count);
        to.flush();
      }
    } catch (IOException e) {
      // the command has ended and takes no more input
      return;
    }
  }

  private static void copy(InputStream from, OutputStream to) {
    try {
      byte[] buffer = new byte[16384];
      for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
        to.write(buffer, 0, count);
        to.flush();
      }
    } catch (IOException e) {
      // the stream broke off; the exit says why
      return;
    }
  }
}
