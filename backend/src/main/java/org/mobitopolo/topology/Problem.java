// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

/**
 * Something in a topology that keeps it from running as wished.
 *
 * @param element id of the region, node, link or note; the topology's own id when it is about the
 *     whole
 * @param field what of the element is wrong, as named in the file: {@code name}, {@code
 *     nics[0].mac}
 * @param message a sentence that names the element, says what is wrong and what to do
 */
public record Problem(Severity severity, String element, String field, String message) {

  /** How bad it is. */
  public enum Severity {
    /** The topology can't be applied. */
    ERROR,
    /** It can be applied, but something in it probably won't work as meant. */
    WARNING
  }

  public boolean isError() {
    return severity == Severity.ERROR;
  }
}
