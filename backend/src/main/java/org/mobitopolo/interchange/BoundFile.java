// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import java.util.regex.Pattern;

/** Files of a lab that its nodes have in their file systems: the start-up script writes them. */
final class BoundFile {

  private static final Pattern PLACE = Pattern.compile("/[A-Za-z0-9._/+@-]{1,200}");

  /** Where a file's text comes from. */
  interface Source {

    /**
     * Reads it.
     *
     * @throws ImportException when it is missing, too long or no text; the message says which
     */
    String text() throws ImportException;
  }

  private BoundFile() {}

  /**
   * Takes a text file over, with a finding; what lies outside the lab's folder is never read.
   *
   * @param place absolute path in the node
   */
  static void write(Draft draft, DraftNode node, LabFolder folder, String file, String place) {
    write(draft, node, () -> folder.part(file), file, place);
  }

  /**
   * Takes a text over, with a finding.
   *
   * @param file what the finding calls it
   * @param place absolute path in the node
   */
  static void write(Draft draft, DraftNode node, Source source, String file, String place) {
    String subject = "file " + Draft.limit(file, 100);
    if (!PLACE.matcher(place).matches() || place.contains("/../")) {
      draft.add(
          Finding.leftOut(
              node.title, subject, "its place \"" + Draft.limit(place, 100) + "\" is no plain path"));
      return;
    }
    try {
      if (node.script(script(source.text(), place))) {
        draft.add(Finding.changed(node.title, subject, place, "the start-up script writes it"));
      } else {
        draft.add(
            Finding.leftOut(node.title, subject, "start-up scripts have at most 128 KiB altogether"));
      }
    } catch (ImportException e) {
      draft.add(Finding.leftOut(node.title, subject, e.getMessage()));
    }
  }

  private static String script(String text, String place) {
    String end = "END_OF_FILE";
    while (text.contains(end)) {
      end += "_";
    }
    String folder = place.substring(0, Math.max(1, place.lastIndexOf('/')));
    return "mkdir -p "
        + folder
        + "\ncat > "
        + place
        + " <<'"
        + end
        + "'\n"
        + text
        + (text.isEmpty() || text.endsWith("\n") ? "" : "\n")
        + end
        + "\n";
  }
}
