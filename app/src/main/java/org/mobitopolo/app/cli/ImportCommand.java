// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.mobitopolo.interchange.Finding;
import org.mobitopolo.interchange.Format;
import org.mobitopolo.interchange.ImportException;
import org.mobitopolo.interchange.Imported;
import org.mobitopolo.interchange.LabImport;
import org.mobitopolo.topology.TopologyJson;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code import}: makes a topology file of another program's lab. */
@Command(
    name = "import",
    description =
        "Make a topology file of another program's lab, and report what became of everything in it."
            + " Nothing is run.")
final class ImportCommand implements Callable<Integer> {

  @Parameters(
      paramLabel = "FILE",
      description =
          "A lab of containerlab (.clab.yml), GNS3 (.gns3, .gns3project), CORE (.xml) or Kathará"
              + " (folder or lab.conf), or a graph (.graphml, .gml).")
  private Path file;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "LAB.json",
      description = "The file to write; without it, FILE's name with .json in this folder.")
  private Path output;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description =
          "What FILE is, when its name does not tell: containerlab, gns3, graphml, gml, core,"
              + " kathara.")
  private String format;

  @Option(names = "--force", description = "Write over a file that exists.")
  private boolean force;

  @Mixin private OutputOptions options;

  private final Surroundings surroundings;

  ImportCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws CliException {
    Path target = output == null ? Path.of(stem() + ".json") : output;
    if (!force && Files.exists(target)) {
      throw new CliException(
          target + " exists. Name another file with -o, or write over it with --force.");
    }
    Imported imported = read();
    try {
      TopologyJson.write(imported.topology(), target);
    } catch (IOException e) {
      throw new CliException(target + " can't be written: " + e.getMessage() + ".");
    }
    if (options.json()) {
      OutputOptions.printJson(surroundings.out(), json(imported, target));
    } else {
      print(imported, target, surroundings.out());
    }
    return 0;
  }

  private String stem() {
    String name = String.valueOf(file.toAbsolutePath().normalize().getFileName());
    return name.equals("lab.conf")
        ? String.valueOf(file.toAbsolutePath().normalize().getParent().getFileName())
        : name.replaceFirst("(\\.clab)?\\.[A-Za-z0-9]+$", "");
  }

  private Imported read() throws CliException {
    try {
      Optional<Format> wanted =
          format == null ? Optional.empty() : Optional.of(Format.of(format));
      return LabImport.read(file, wanted);
    } catch (ImportException e) {
      throw new CliException(e.getMessage());
    }
  }

  private static Map<String, Object> json(Imported imported, Path target) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("file", target.toString());
    report.put("format", imported.format().key());
    report.put("id", imported.topology().id());
    report.put("name", imported.topology().name());
    report.put("nodes", imported.topology().nodes().size());
    report.put("links", imported.topology().links().size());
    report.put("findings", Findings.json(imported.findings()));
    return report;
  }

  private static void print(Imported imported, Path target, PrintStream out) {
    out.println(
        "%s: %s, %s, from %s"
            .formatted(
                target,
                Findings.count(imported.topology().nodes().size(), "node"),
                Findings.count(imported.topology().links().size(), "link"),
                imported.format().title()));
    List<Finding> findings = imported.findings();
    Findings.print(findings, out);
  }
}
