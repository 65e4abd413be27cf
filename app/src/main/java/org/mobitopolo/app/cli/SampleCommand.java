// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.TopologyFormatException;
import org.mobitopolo.topology.TopologyJson;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sample}: shows newcomers what this is about. */
@Command(
    name = "sample",
    description =
        "Open the window with a sample lab: without NAME a file server taken apart, which with no"
            + " display runs in the terminal.")
final class SampleCommand implements Callable<Integer> {

  @Parameters(paramLabel = "NAME", arity = "0..1", description = "A sample; see --list.")
  private String name;

  @Option(names = "--list", description = "List the samples.")
  private boolean list;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "LAB.json",
      description = "Open no window, but write the sample to a file, to apply it.")
  private Path output;

  @Option(names = "--json", description = "Print the list as one line of JSON.")
  private boolean json;

  private final Surroundings surroundings;

  SampleCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws CliException, IOException, TopologyFormatException {
    if (list) {
      list(surroundings.installation().samples());
      return 0;
    }
    Path file =
        name == null ? surroundings.installation().sampleLab() : find(surroundings.installation().samples());
    if (output != null) {
      return copy(file);
    }
    if (surroundings.hasDisplay()) {
      return surroundings.window().open(Optional.of(file));
    }
    if (name != null) {
      throw new CliException(
          "There is no display for the window. Write the sample to a file and apply that:"
              + " mobitopolo sample "
              + name
              + " -o lab.json, then mobitopolo apply lab.json.");
    }
    surroundings
        .out()
        .println(
            "There is no display for the window, so the sample runs here in the terminal"
                + " (mobitopolo demo).");
    surroundings.out().println();
    return new CommandLineProgram(surroundings, Map.of()).run("demo");
  }

  private Path find(Map<String, Path> samples) throws CliException {
    Path file = samples.get(name);
    if (file == null) {
      throw new CliException(
          "There is no sample \"" + name + "\". There are: " + String.join(", ", samples.keySet()) + ".");
    }
    return file;
  }

  private int copy(Path file) throws CliException {
    try {
      Files.copy(file, output);
    } catch (FileAlreadyExistsException e) {
      throw new CliException(output + " exists. Name another file with -o.");
    } catch (IOException e) {
      throw new CliException(output + " can't be written: " + e.getMessage() + ".");
    }
    surroundings.out().println(output + " holds the sample; run it with: mobitopolo apply " + output);
    return 0;
  }

  private void list(Map<String, Path> samples) throws TopologyFormatException {
    Table table = new Table("NAME", "NODES", "REGIONS");
    List<Map<String, Object>> entries = new ArrayList<>();
    for (Map.Entry<String, Path> sample : samples.entrySet()) {
      Topology topology = TopologyJson.read(sample.getValue());
      int nodes = topology.nodes().size();
      int regions = topology.regions().size();
      table.row(sample.getKey(), String.valueOf(nodes), String.valueOf(regions));
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("name", sample.getKey());
      entry.put("nodes", nodes);
      entry.put("regions", regions);
      entries.add(entry);
    }
    if (json) {
      OutputOptions.printJson(surroundings.out(), Map.of("samples", entries));
    } else {
      table.print(surroundings.out());
    }
  }
}
