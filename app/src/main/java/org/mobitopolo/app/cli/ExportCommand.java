// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.mobitopolo.interchange.ContainerlabExport;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.TopologyFormatException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code export}: writes a topology for another program. */
@Command(
    name = "export",
    description = "Write a topology for containerlab, and report what it can't say there.")
final class ExportCommand implements Callable<Integer> {

  private static final String CONTAINERLAB = "containerlab";

  @Parameters(paramLabel = "LAB.json", description = "The topology file.")
  private Path file;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = CONTAINERLAB,
      description = "For which program; there is containerlab.")
  private String format;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "The file to write; without it, the text goes to standard output.")
  private Path output;

  @Option(names = "--force", description = "Write over a file that exists.")
  private boolean force;

  @Mixin private OutputOptions options;

  private final Surroundings surroundings;

  ExportCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws CliException, TopologyFormatException {
    if (!format.equalsIgnoreCase(CONTAINERLAB)) {
      throw new CliException("Labs can't be exported for \"" + format + "\"; there is containerlab.");
    }
    Topology topology = LabFinder.read(file);
    ContainerlabExport.Exported exported = ContainerlabExport.write(topology);
    if (output != null) {
      write(exported.yaml());
    }
    if (options.json()) {
      Map<String, Object> report = new LinkedHashMap<>();
      report.put("format", CONTAINERLAB);
      if (output == null) {
        report.put("text", exported.yaml());
      } else {
        report.put("file", output.toString());
      }
      report.put("findings", Findings.json(exported.findings()));
      OutputOptions.printJson(surroundings.out(), report);
    } else if (output == null) {
      surroundings.out().print(exported.yaml());
      // the report keeps apart from the text, so that both can be redirected
      Findings.print(exported.findings(), surroundings.err());
    } else {
      surroundings.out().println(output + ": for containerlab");
      Findings.print(exported.findings(), surroundings.out());
    }
    return 0;
  }

  private void write(String text) throws CliException {
    if (!force && Files.exists(output)) {
      throw new CliException(
          output + " exists. Name another file with -o, or write over it with --force.");
    }
    try {
      Files.writeString(output, text);
    } catch (IOException e) {
      throw new CliException(output + " can't be written: " + e.getMessage() + ".");
    }
  }
}
