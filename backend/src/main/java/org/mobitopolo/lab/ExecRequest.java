// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.util.List;
import java.util.Map;

/**
 * A command to run in a guest.
 *
 * @param argv program and arguments; the program is looked up in the guest's PATH
 * @param env added to the guest's environment
 * @param cwd working directory
 * @param tty whether it gets a terminal of {@code rows} and {@code columns}; then standard error comes with standard output
 */
public record ExecRequest(List<String> argv, Map<String, String> env, String cwd, boolean tty, int rows, int columns) {

  public ExecRequest {
    argv = List.copyOf(argv);
    env = Map.copyOf(env);
    if (argv.isEmpty()) {
      throw new IllegalArgumentException("There is no command to run.");
    }
  }

  /** A command without terminal, in the root folder. */
  public static ExecRequest of(String... argv) {
    return new ExecRequest(List.of(argv), Map.of(), "/", false, 24, 80);
  }

  /** A line for the guest's shell. */
  public static ExecRequest shell(String line) {
    return of("/bin/sh", "-c", line);
  }
}
