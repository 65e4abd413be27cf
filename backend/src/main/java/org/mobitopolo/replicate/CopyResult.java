// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.replicate;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the script gave in one copy.
 *
 * @param status of the script; 128 + n when signal n ended it, 255 when it could not be run
 * @param seconds that it took
 * @param values what it told in lines {@code name=value}, the last one of a name counts
 * @param output all that it printed, at most a megabyte
 * @param errors what it printed to standard error, at most a megabyte, or why it could not be run
 */
public record CopyResult(Copy copy, int status, double seconds, Map<String, String> values, String output, String errors) {
  /** Status of a script that could not be run. */
  static final int NOT_RUN = 255;

  public CopyResult {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /** Whether the script ended with status 0. */
  public boolean succeeded() {
    return status == 0;
  }
}
