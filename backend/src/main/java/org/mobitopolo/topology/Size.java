// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of bytes. Written {@code 64MiB}, {@code 1.5GiB}, {@code 512KiB} or {@code 100B};
 * prefixes are powers of 1024.
 *
 * @param bytes not negative
 */
public record Size(long bytes) implements Comparable<Size> {

  public static final Size ZERO = new Size(0);

  private static final Pattern FORM =
      Pattern.compile("(\\d{1,12}(?:\\.\\d{1,9})?)\\s*(?:([KMGT])i)?B", Pattern.CASE_INSENSITIVE);
  private static final String PREFIXES = "KMGT";

  public Size {
    if (bytes < 0) {
      throw new IllegalArgumentException(
          "A size can't be negative, but it is " + bytes + " bytes.");
    }
  }

  public static Size ofMiB(long mebibytes) {
    return new Size(Math.multiplyExact(mebibytes, 1L << 20));
  }

  /**
   * Reads the written form.
   *
   * @throws IllegalArgumentException with a sentence that shows the right form
   */
  public static Size parse(String text) {
    Matcher matcher = FORM.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not a size. Write for example 64MiB, 1GiB or 512KiB.");
    }
    int power =
        matcher.group(2) == null
            ? 0
            : 1 + PREFIXES.indexOf(matcher.group(2).toUpperCase(Locale.ROOT));
    BigDecimal bytes =
        new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(1L << (10 * power)));
    try {
      return new Size(bytes.longValueExact());
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not a whole number of bytes, or it is too large.", e);
    }
  }

  /** Whole mebibytes, rounded up. */
  public long toMiB() {
    return (bytes >> 20) + ((bytes & ((1L << 20) - 1)) == 0 ? 0 : 1);
  }

  @Override
  public int compareTo(Size other) {
    return Long.compare(bytes, other.bytes);
  }

  /**
   * The written form in the largest unit that shows the number exactly; {@link #parse} reads it.
   */
  @Override
  public String toString() {
    int power = 0;
    long value = bytes;
    while (power < PREFIXES.length() && value != 0 && (value & 1023) == 0) {
      value >>= 10;
      power++;
    }
    return value + (power == 0 ? "" : PREFIXES.charAt(power - 1) + "i") + "B";
  }
}
