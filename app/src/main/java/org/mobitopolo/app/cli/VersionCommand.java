// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code version}. */
@Command(name = "version", description = "Show the version of this program and of what it runs on.")
final class VersionCommand implements Callable<Integer> {

  @Option(names = "--json", description = "Print one line of JSON.")
  private boolean json;

  private final Surroundings surroundings;

  VersionCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() {
    String version = surroundings.installation().version();
    String java = Runtime.version() + " (" + System.getProperty("java.vendor") + ")";
    if (json) {
      Map<String, Object> report = new LinkedHashMap<>();
      report.put("version", version);
      report.put("java", java);
      report.put("home", surroundings.installation().home().toString());
      OutputOptions.printJson(surroundings.out(), report);
    } else {
      surroundings.out().println("Mobitopolo " + version);
      surroundings.out().println("Java " + java);
    }
    return 0;
  }
}
