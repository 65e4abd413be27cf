// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

/**
 * A file can't be imported at all. The message is a sentence that says where, why and what to do;
 * nothing was changed.
 */
public final class ImportException extends Exception {

  private static final long serialVersionUID = 1;

  public ImportException(String sentence) {
    super(sentence);
  }

  public ImportException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
