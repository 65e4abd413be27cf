// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

/**
 * A topology file can't be read. The message is a sentence that says where, what is wrong there and
 * what to write instead.
 */
public final class TopologyFormatException extends Exception {

  private static final long serialVersionUID = 1;

  private final int line;
  private final int column;

  TopologyFormatException(String source, int line, int column, String message, Throwable cause) {
    super(
        source + (line > 0 ? ", line " + line + ", column " + column : "") + ": " + message, cause);
    this.line = line;
    this.column = column;
  }

  /** Line in the file from 1 on; 0 when the fault has no place. */
  public int line() {
    return line;
  }

  /** Column in the line from 1 on; 0 when the fault has no place. */
  public int column() {
    return column;
  }
}
