// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.demo;

/** The demonstration can't go on. The message is a sentence for the user. */
public final class DemoException extends Exception {

  private static final long serialVersionUID = 1;

  DemoException(String sentence, Throwable cause) {
    super(sentence, cause);
  }

  DemoException(String sentence) {
    this(sentence, null);
  }
}
