// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
  static final int INTERRUPTED = 130;

  private final Surroundings surroundings;
  private final List<CommandLine> more;

  /**
   * The program.
   *
   * @param more commands that come from outside this package
   */
  public CommandLineProgram(Surroundings surroundings, CommandLine... more) {
    this.surroundings = surroundings;
    this.more = List.of(more);
  }

  /** Runs one command and returns the program's exit status. */
  public int run(String... arguments) {
    CommandLine commands = commands();
    commands.setOut(new PrintWriter(surroundings.out(), true));
    commands.setErr(new PrintWriter(surroundings.err(), true));
    commands.setUsageHelpAutoWidth(true);
    commands.setExecutionExceptionHandler(this::failed);
    try {
      return commands.execute(isFile(commands, arguments) ? new String[] {"open", arguments[0]} : arguments);
    } finally {
      surroundings.out().flush();
      surroundings.err().flush();
    }
  }

  /** All commands there are. */
  CommandLine commands() {
    CommandLine commands =
        new CommandLine(new RootCommand(surroundings))
            .addSubcommand(new SampleCommand(surroundings))
            .addSubcommand(new DemoCommand(surroundings))
            .addSubcommand(new OpenCommand(surroundings))
            .addSubcommand(new ApplyCommand(surroundings))
            .addSubcommand(new StatusCommand(surroundings))
            .addSubcommand(new StartCommand(surroundings))
            .addSubcommand(new StopCommand(surroundings))
            .addSubcommand(new RecoverCommand(surroundings))
            .addSubcommand(new MigrateCommand(surroundings))
            .addSubcommand(new ConsoleCommand(surroundings))
            .addSubcommand(new CaptureCommand(surroundings))
            .addSubcommand(new ExecCommand(surroundings))
            .addSubcommand(new SnapshotCommand(surroundings))
            .addSubcommand(new SnapshotsCommand(surroundings))
            .addSubcommand(new RestoreCommand(surroundings))
            .addSubcommand(new ReplicateCommand(surroundings))
            .addSubcommand(new DestroyCommand(surroundings))
            .addSubcommand(new HostsCommand(surroundings))
            .addSubcommand(new DoctorCommand(surroundings))
            .addSubcommand(new LimitCommand(surroundings))
            .addSubcommand(new CleanCommand(surroundings))
            .addSubcommand(ImageCommand.create(surroundings))
            .addSubcommand(new ImportCommand(surroundings))
            .addSubcommand(new ExportCommand(surroundings))
            .addSubcommand(new VersionCommand(surroundings));
    more.forEach(command -> commands.addSubcommand(command.getCommandName(), command));
    addHelp(commands);
    return commands;
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
  private static boolean isFile(CommandLine commands, String... arguments) {
    try {
      return arguments.length == 1 && !commands.getSubcommands().containsKey(arguments[0]) && Files.isRegularFile(Path.of(arguments[0]));
    } catch (InvalidPathException e) {
      return false;
    }
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
