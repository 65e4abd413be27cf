// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.mobitopolo.task.LabException;
import org.mobitopolo.topology.TopologyFormatException;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** Reads the command line, runs the command and tells failures. */
public final class CommandLineProgram {

  /** Status of a command that did not do all it was asked for. */
  public static final int FAILED = 1;

  /** Status after ^C, as shells have it. */
  public static final int INTERRUPTED = 130;

  private final Surroundings surroundings;
  private final Map<String, Supplier<CommandLine>> commands = new LinkedHashMap<>();

  /**
   * The program.
   *
   * @param more commands that come from outside this package, by their names
   */
  public CommandLineProgram(Surroundings surroundings, Map<String, Supplier<CommandLine>> more) {
    this.surroundings = surroundings;
    add("sample", SampleCommand::new);
    add("demo", DemoCommand::new);
    add("open", OpenCommand::new);
    add("apply", ApplyCommand::new);
    add("status", StatusCommand::new);
    add("start", StartCommand::new);
    add("stop", StopCommand::new);
    add("recover", RecoverCommand::new);
    add("migrate", MigrateCommand::new);
    add("console", ConsoleCommand::new);
    add("capture", CaptureCommand::new);
    add("exec", ExecCommand::new);
    add("snapshot", SnapshotCommand::new);
    add("snapshots", SnapshotsCommand::new);
    add("restore", RestoreCommand::new);
    add("replicate", ReplicateCommand::new);
    add("destroy", DestroyCommand::new);
    add("hosts", HostsCommand::new);
    add("doctor", DoctorCommand::new);
    add("limit", LimitCommand::new);
    add("clean", CleanCommand::new);
    commands.put("image", () -> ImageCommand.create(surroundings));
    add("import", ImportCommand::new);
    add("export", ExportCommand::new);
    add("version", VersionCommand::new);
    commands.putAll(more);
  }

  private void add(String name, Function<Surroundings, Object> command) {
    commands.put(name, () -> new CommandLine(command.apply(surroundings)));
  }

  /** Runs one command and returns the program's exit status. */
  public int run(String... arguments) {
    String[] line = isFile(arguments) ? new String[] {"open", arguments[0]} : arguments;
    CommandLine program = needed(line);
    program.setOut(new PrintWriter(surroundings.out(), true));
    program.setErr(new PrintWriter(surroundings.err(), true));
    program.setUsageHelpAutoWidth(true);
    program.setExecutionExceptionHandler(this::failed);
    try {
      return program.execute(line);
    } finally {
      surroundings.out().flush();
      surroundings.err().flush();
    }
  }

  /** All commands there are. */
  CommandLine commands() {
    return program(commands);
  }

  /** The one command that is called, or else all: making all takes as long as the rest of a start. */
  private CommandLine needed(String... line) {
    if (line.length == 0) {
      return program(Map.of());
    }
    Supplier<CommandLine> called = commands.get(line[0]);
    return called == null ? commands() : program(Map.of(line[0], called));
  }

  private CommandLine program(Map<String, Supplier<CommandLine>> parts) {
    CommandLine program = new CommandLine(new RootCommand(surroundings));
    parts.forEach((name, part) -> program.addSubcommand(name, part.get()));
    addHelp(program);
    return program;
  }

  /** Every command has --help; picocli's own have it already. */
  private static void addHelp(CommandLine command) {
    if (command.getCommandSpec().findOption("--help") == null) {
      command
          .getCommandSpec()
          .addOption(
              OptionSpec.builder("-h", "--help")
                  .type(boolean.class)
                  .usageHelp(true)
                  .description("Show this help.")
                  .build());
    }
    command.getSubcommands().values().forEach(CommandLineProgram::addHelp);
  }

  /** Whether the arguments are nothing but a file's name, which is how desktops start the program of a file. */
  private boolean isFile(String... arguments) {
    try {
      return arguments.length == 1 && !isCommand(arguments[0]) && Files.isRegularFile(Path.of(arguments[0]));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private boolean isCommand(String name) {
    return commands.containsKey(name) || name.equals("help");
  }

  private int failed(Exception failure, CommandLine command, ParseResult result) {
    boolean json = command.getParseResult().hasMatchedOption("--json");
    switch (failure) {
      case LabException.Cancelled e -> {
        tell(json, e);
        return INTERRUPTED;
      }
      case LabException e -> tell(json, e);
      case CliException e -> tell(json, e.getMessage());
      case TopologyFormatException e -> tell(json, e.getMessage());
      case InterruptedException _ -> {
        tell(
            json,
            "Interrupted. What was begun may have gone on; \"mobitopolo status\" tells what holds"
                + " now.");
        return INTERRUPTED;
      }
      default -> {
        tell(
            json,
            "An error in this program: " + failure + ". Please report it with the lines below.");
        failure.printStackTrace(surroundings.err());
      }
    }
    return FAILED;
  }

  private void tell(boolean json, LabException failure) {
    if (json) {
      Map<String, Object> error = new LinkedHashMap<>();
      error.put("message", failure.getMessage());
      error.put("problem", failure.problem());
      error.put("standing", failure.standing());
      error.put("advice", failure.advice());
      OutputOptions.printJson(surroundings.out(), Map.of("error", error));
    } else {
      tell(false, failure.getMessage());
    }
  }

  private void tell(boolean json, String sentence) {
    if (json) {
      OutputOptions.printJson(surroundings.out(), Map.of("error", Map.of("message", sentence)));
    } else {
      surroundings.err().println("mobitopolo: " + sentence);
    }
  }
}
