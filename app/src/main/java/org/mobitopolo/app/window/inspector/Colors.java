// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import java.util.List;

/** The tints of regions and notes. */
final class Colors {
  static final List<String> NAMES =
      List.of("blue", "green", "orange", "purple", "teal", "red", "gray");

  private Colors() {}

  static String label(String name) {
    return name.isEmpty() ? "" : Character.toUpperCase(name.charAt(0)) + name.substring(1);
  }
}
