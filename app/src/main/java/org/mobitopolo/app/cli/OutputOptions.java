// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.io.PrintStream;
import java.util.Map;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/** How a command tells its result. */
public final class OutputOptions {

  @Option(names = "--json", description = "Print the result, or the failure, as one line of JSON.")
  private boolean json;

  @Option(
      names = {"-q", "--quiet"},
      description = "Show no progress.")
  private boolean quiet;

  public boolean json() {
    return json;
  }

  public boolean showsProgress() {
    return !quiet && !json;
  }

  /** Prints an object as one line. */
  public static void printJson(PrintStream out, Map<String, ?> object) {
    out.println(Json.MAPPER.writeValueAsString(object));
  }

  /** Made when it is needed, which is seldom: it takes long. */
  private static final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
  }
}
