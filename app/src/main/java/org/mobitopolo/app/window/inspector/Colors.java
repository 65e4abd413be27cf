// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import java.util.List;

/** The tints of regions and notes. */
final class Colors {
  static final List<String> NAMES =
      List.of("blue", "green", "orange", "purple", "teal", "red", "gray");

  private Colors() {}
}
