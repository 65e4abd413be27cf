// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The program as users start it: the launcher of the distribution that the build made, with a home
 * folder of its own.
 */
final class Program {

  private static final Path LAUNCHER = Path.of("target/mobitopolo/bin/mobitopolo").toAbsolutePath();
  private static final Duration PATIENCE = Duration.ofSeconds(180);

  /** What a run gave. */
  record Outcome(int status, byte[] output, String errors) {

    String text() {
      return new String(output, StandardCharsets.UTF_8);
    }

    /** The last line of the output, which is the result of a command with --json. */
    JsonNode json() {
      return JsonMapper.shared().readTree(text().strip().lines().reduce("", (_, line) -> line));
    }

    /** This outcome, if its status is the wanted one. */
    Outcome expect(int wanted) {
      if (status != wanted) {
        throw new AssertionError(
            "Status "
                + status
                + " instead of "
                + wanted
                + ".\nOutput:\n"
                + text()
                + "\nErrors:\n"
                + errors);
      }
      return this;
    }
  }

  private final Path home;

  Program(Path home) {
    if (!Files.isExecutable(LAUNCHER)) {
      throw new IllegalStateException(
          "There is no distribution at " + LAUNCHER + "; make it with mvn package.");
    }
    this.home = home;
  }

  /** Runs a command without input to its end, which takes longer than commands do. */
  Outcome run(Duration patience, String... arguments) throws InterruptedException {
    return new Running(List.of(arguments), new byte[0]).await(patience);
  }

  /** Runs a command without input to its end. */
  Outcome run(String... arguments) throws InterruptedException {
    return new Running(List.of(arguments), new byte[0]).await();
  }

  /** Runs a command with this input to its end. */
  Outcome runWithInput(byte[] input, String... arguments) throws InterruptedException {
    return new Running(List.of(arguments), input).await();
  }

  /** Runs a shell's script, in which the program is called by its name, to its end; its status. What it prints is printed here. */
  int runShell(Path folder, Path script) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder("bash", script.toString()).directory(folder.toFile()).inheritIO();
    prepare(builder);
    builder.environment().merge("PATH", LAUNCHER.getParent().toString(), (path, own) -> own + ":" + path);
    Process process = builder.redirectInput(new File("/dev/null")).start();
    try {
      return process.waitFor();
    } finally {
      process.destroy();
    }
  }

  /** Starts a command without input. */
  Running start(String... arguments) {
    return new Running(List.of(arguments), new byte[0]);
  }

  /** Starts a command on a terminal; its keyboard is the process's input. */
  Process startOnTerminal(String... arguments) throws IOException {
    StringBuilder line = new StringBuilder("stty rows 33 cols 99; exec ").append(LAUNCHER);
    for (String argument : arguments) {
      line.append(" '").append(argument).append('\'');
    }
    ProcessBuilder builder =
        new ProcessBuilder(
            "script", "--quiet", "--return", "--command", line.toString(), "/dev/null");
    prepare(builder);
    return builder.redirectErrorStream(true).start();
  }

  private void prepare(ProcessBuilder builder) {
    builder.environment().put("HOME", home.toString());
    builder.environment().remove("XDG_STATE_HOME");
    builder.environment().remove("XDG_DATA_HOME");
    builder.environment().remove("XDG_CACHE_HOME");
    builder.environment().remove("SSH_AUTH_SOCK");
    builder.environment().remove("DISPLAY");
    builder.environment().remove("WAYLAND_DISPLAY");
    builder.environment().put("TERM", "xterm-256color");
  }

  /** A command under way. */
  final class Running {

    private final Process process;
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();
    private final List<Thread> copiers = new ArrayList<>();

    private Running(List<String> arguments, byte[] input) {
      // a build in the background has ^C switched off, and its children inherit that
      List<String> command =
          new ArrayList<>(List.of("env", "--default-signal=INT", LAUNCHER.toString()));
      command.addAll(arguments);
      ProcessBuilder builder = new ProcessBuilder(command);
      prepare(builder);
      try {
        process = builder.start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      copiers.add(Thread.ofVirtual().start(() -> copy(process.getInputStream(), output)));
      copiers.add(Thread.ofVirtual().start(() -> copy(process.getErrorStream(), errors)));
      Thread.ofVirtual().start(() -> feed(process.getOutputStream(), input));
    }

    /** What it wrote to standard error so far. */
    String errorsSoFar() {
      return errors.toString(StandardCharsets.UTF_8);
    }

    String outputSoFar() {
      return output.toString(StandardCharsets.UTF_8);
    }

    /** Presses ^C. */
    void interrupt() {
      // env and the launcher have replaced themselves by the program
      try {
        new ProcessBuilder("kill", "-INT", String.valueOf(process.pid())).start().waitFor();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    Outcome await() throws InterruptedException {
      return await(PATIENCE);
    }

    private Outcome await(Duration patience) throws InterruptedException {
      if (!process.waitFor(patience.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
        throw new AssertionError(
            "The command did not end.\nOutput:\n" + outputSoFar() + "\nErrors:\n" + errorsSoFar());
      }
      for (Thread copier : copiers) {
        copier.join();
      }
      return new Outcome(process.exitValue(), output.toByteArray(), errorsSoFar());
    }
  }

  private static void copy(InputStream from, OutputStream to) {
    try (from) {
      from.transferTo(to);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void feed(OutputStream to, byte[] input) {
    try (to) {
      to.write(input);
    } catch (IOException e) {
      // the program did not want all of it
      return;
    }
  }
}
