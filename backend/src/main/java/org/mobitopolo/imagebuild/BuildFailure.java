// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.imagebuild;

import org.mobitopolo.task.LabException;

/** Why an image could not be built. */
final class BuildFailure {
  private static final int SHOWN_LINES = 4;

  private BuildFailure() {}

  /** A failure with the end of what the program printed. */
  static LabException of(String problem, String output, String advice) {
    String[] lines = output.strip().split("\n");
    StringBuilder end = new StringBuilder();
    for (int i = Math.max(0, lines.length - SHOWN_LINES); i < lines.length; i++) {
      end.append(end.isEmpty() ? "" : " / ").append(lines[i].replaceAll("[^ -~]", " ").strip());
    }
    return new LabException.FilesUnusable(problem + (end.isEmpty() ? "" : ": " + end) + ".", "Nothing was stored.", advice, null);
  }
}
