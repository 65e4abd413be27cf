// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.mobitopolo.app.Installation;
import org.mobitopolo.app.UserFolders;
import org.mobitopolo.app.bench.BenchCommand;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * What the documents say of the command line holds: {@code docs/commands.md} is what the commands say of themselves (written anew with {@code -Dwrite.docs=true}), every command line in a document is one that the program
 * takes, and links lead somewhere.
 */
class DocumentationTest {

  private static final Path ROOT = Path.of("..");
  private static final Path REFERENCE = ROOT.resolve("docs/commands.md");

  private static CommandLine commands() {
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
    Path none = Path.of("none").toAbsolutePath();
    Surroundings surroundings =
        new Surroundings(
            new Installation(none),
            new UserFolders(none, none, none, none),
            Map.of(),
            new Terminal(),
            InputStream.nullInputStream(),
            nowhere,
            nowhere,
            _ -> 0);
    return new CommandLineProgram(surroundings, BenchCommand.in(surroundings, _ -> null)).commands();
  }

  @Test
  void everyCommandIsCalledByItsName() {
    commands()
        .getSubcommands()
        .forEach((name, command) -> assertThat(command.getCommandName()).isEqualTo(name));
  }

  private static List<Path> documents() throws IOException {
    List<Path> documents = new ArrayList<>(List.of(ROOT.resolve("README.md"), ROOT.resolve("installer/README.md")));
    try (Stream<Path> files = Files.walk(ROOT.resolve("docs"))) {
      files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(documents::add);
    }
    return documents;
  }

  @Test
  void theReferenceIsWhatTheCommandsSay() throws IOException {
    StringBuilder text = new StringBuilder("# All commands and options\n\nWritten by the program itself; [command-line.md](command-line.md) explains.\n");
    describe(commands(), text);
    if (Boolean.getBoolean("write.docs")) {
      Files.writeString(REFERENCE, text);
    }
    assertThat(REFERENCE).as("mvn -pl app -am test -Dtest=DocumentationTest -Dwrite.docs=true writes it anew").hasContent(text.toString());
  }

  private static void describe(CommandLine command, StringBuilder text) {
    CommandSpec spec = command.getCommandSpec();
    if (spec.helpCommand()) {
      return;
    }
    text.append("\n## ").append(spec.qualifiedName()).append("\n\n");
    command.setUsageHelpAutoWidth(false);
    command.setUsageHelpWidth(100);
    command.getUsageMessage(Help.Ansi.OFF).lines().forEach(line -> text.append(line.isEmpty() ? "" : "    " + line).append('\n'));
    command.getSubcommands().values().forEach(sub -> describe(sub, text));
  }

  @Test
  void everyCommandLineInADocumentIsOneThatTheProgramTakes() throws IOException {
    List<String> wrong = new ArrayList<>();
    int seen = 0;
    for (Path document : documents()) {
      if (document.equals(REFERENCE)) {
        continue;
      }
      String text = Files.readString(document);
      for (String line : DocumentedCommands.lines(text)) {
        seen++;
        problem(line).ifPresent(problem -> wrong.add(document + ": mobitopolo " + line + ": " + problem.getMessage()));
      }
      for (String line : DocumentedCommands.mentions(text)) {
        seen++;
        problem(line)
            .filter(problem -> !(problem instanceof MissingParameterException))
            .ifPresent(problem -> wrong.add(document + ": mobitopolo " + line + ": " + problem.getMessage()));
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(seen).as("command lines found").isGreaterThan(40);
  }

  private static Optional<ParameterException> problem(String line) {
    try {
      commands().parseArgs(DocumentedCommands.words(line).toArray(String[]::new));
      return Optional.empty();
    } catch (ParameterException e) {
      return Optional.of(e);
    }
  }

  @Test
  void linksLeadSomewhere() throws IOException {
    List<String> dead = new ArrayList<>();
    for (Path document : documents()) {
      for (String target : DocumentedCommands.links(Files.readString(document))) {
        if (!Files.exists(document.resolveSibling(target))) {
          dead.add(document + ": " + target);
        }
      }
    }
    assertThat(dead).isEmpty();
  }
}
