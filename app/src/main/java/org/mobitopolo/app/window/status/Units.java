// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.status;

import java.util.Locale;

/** Numbers as people read them, with about three digits and so of a steady width. */
public final class Units {
  private static final String[] BYTES = {"B", "KiB", "MiB", "GiB", "TiB"};
  private static final String[] BITS = {"bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"};

  private Units() {}

  /** Such as 1.25 MiB. */
  public static String bytes(double bytes) {
    return scaled(bytes, 1024, BYTES);
  }

  /** Such as 820 KiB/s. */
  public static String bytesPerSecond(double rate) {
    return bytes(rate) + "/s";
  }

  /** Network rates are told in bits: 1.02 Mbit/s for 128 kB/s. */
  public static String bitRate(double bytesPerSecond) {
    return scaled(bytesPerSecond * 8, 1000, BITS);
  }

  /** Such as 24 ms or 9.8 s. */
  public static String milliseconds(double ms) {
    if (ms >= 60_000) {
      return String.format(Locale.ROOT, "%d min %d s", (long) ms / 60_000, (long) ms / 1000 % 60);
    }
    if (ms >= 1000) {
      return digits(ms / 1000) + " s";
    }
    return digits(ms) + " ms";
  }

  private static String scaled(double value, int step, String[] units) {
    int power = 0;
    double rest = Math.max(0, value);
    while (power < units.length - 1 && rest >= step * 0.9995) {
      rest /= step;
      power++;
    }
    return (power == 0 ? String.valueOf(Math.round(rest)) : digits(rest)) + " " + units[power];
  }

  private static String digits(double value) {
    if (value >= 99.95) {
      return String.valueOf(Math.round(value));
    }
    String text = String.format(Locale.ROOT, value >= 9.995 ? "%.1f" : "%.2f", value);
    return text.replaceFirst("\\.?0+$", "");
  }
}
