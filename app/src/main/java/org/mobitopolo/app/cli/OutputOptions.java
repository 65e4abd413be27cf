// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.io.PrintStream;
import java.util.Map;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/** How a command tells its result. */
public final class OutputOptions {

  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  @Option(names = "--json", description = "Print the result, or the failure, as one line of JSON.")
  private boolean json;

  @Option(
      names = {"-q", "--quiet"},
      description = "Show no progress.")
  private boolean quiet;

  public boolean json() {
    return json;
  }

  boolean showsProgress() {
    return !quiet && !json;
  }

  /** Prints an object as one line. */
  public static void printJson(PrintStream out, Map<String, ?> object) {
    out.println(MAPPER.writeValueAsString(object));
  }
}
