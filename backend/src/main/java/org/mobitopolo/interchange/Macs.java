// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import java.util.Locale;
import java.util.Optional;

/** MAC addresses of other programs. */
final class Macs {

  private Macs() {}

  /** The address as it is written here; empty when it is none that an interface can have. */
  static Optional<String> usable(String text) {
    String mac = text.strip().toLowerCase(Locale.ROOT).replace('-', ':');
    boolean well = mac.matches("[0-9a-f]{2}(:[0-9a-f]{2}){5}") && !mac.equals("00:00:00:00:00:00");
    return well && (Integer.parseInt(mac.substring(0, 2), 16) & 1) == 0
        ? Optional.of(mac)
        : Optional.empty();
  }

  /** The usable address that comes so many after a usable one. */
  static Optional<String> after(String mac, int number) {
    long next = Long.parseLong(mac.replace(":", ""), 16) + number & 0xffff_ffff_ffffL;
    return usable(String.format(Locale.ROOT, "%012x", next).replaceAll("(..)(?=.)", "$1:"));
  }
}
