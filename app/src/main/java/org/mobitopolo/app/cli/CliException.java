// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

/** Ends a command with a sentence for the user. */
public final class CliException extends Exception {

  private static final long serialVersionUID = 1;

  public CliException(String sentence) {
    super(sentence);
  }
}
