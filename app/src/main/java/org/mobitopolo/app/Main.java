// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app;

/** Entry point: the composition root of command line and window. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    System.exit(0);
  }
}
