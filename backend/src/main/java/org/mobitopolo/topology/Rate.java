// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A data rate. Written {@code 8Mbit}, {@code 64kbit}, {@code 1Gbit}, {@code 300bit} or {@code
 * unlimited}; prefixes are powers of 1000.
 *
 * @param bitsPerSecond 0 means unlimited
 */
public record Rate(long bitsPerSecond) implements Comparable<Rate> {

  public static final Rate UNLIMITED = new Rate(0);

  private static final Pattern FORM =
      Pattern.compile(
          "(\\d{1,12}(?:\\.\\d{1,9})?)\\s*([kMGT]?)bit(?:/s)?", Pattern.CASE_INSENSITIVE);
  private static final String PREFIXES = "kMGT";

  public Rate {
    if (bitsPerSecond < 0) {
      throw new IllegalArgumentException(
          "A rate can't be negative, but it is " + bitsPerSecond + " bits a second.");
    }
  }

  /**
   * Reads the written form.
   *
   * @throws IllegalArgumentException with a sentence that shows the right form
   */
  public static Rate parse(String text) {
    if (text.strip().equalsIgnoreCase("unlimited")) {
      return UNLIMITED;
    }
    Matcher matcher = FORM.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not a rate. Write for example 8Mbit, 64kbit, 1Gbit or unlimited.");
    }
    int power =
        matcher.group(2).isEmpty()
            ? 0
            : 1
                + PREFIXES
                    .toLowerCase(Locale.ROOT)
                    .indexOf(matcher.group(2).toLowerCase(Locale.ROOT));
    BigDecimal bits = new BigDecimal(matcher.group(1)).scaleByPowerOfTen(3 * power);
    try {
      return new Rate(bits.longValueExact());
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not a whole number of bits a second, or it is too large.", e);
    }
  }

  public boolean isUnlimited() {
    return bitsPerSecond == 0;
  }

  /** The lower of the two, where unlimited is higher than every number. */
  public Rate min(Rate other) {
    return compareTo(other) <= 0 ? this : other;
  }

  /** Orders by what passes: unlimited comes last. */
  @Override
  public int compareTo(Rate other) {
    return Long.compareUnsigned(bitsPerSecond - 1, other.bitsPerSecond - 1);
  }

  /** The written form, which {@link #parse} reads. */
  @Override
  public String toString() {
    if (isUnlimited()) {
      return "unlimited";
    }
    int power = 0;
    BigDecimal value = BigDecimal.valueOf(bitsPerSecond);
    while (power < PREFIXES.length() && value.compareTo(BigDecimal.valueOf(1000)) >= 0) {
      value = value.movePointLeft(3);
      power++;
    }
    return value.stripTrailingZeros().toPlainString()
        + (power == 0 ? "" : PREFIXES.substring(power - 1, power))
        + "bit";
  }
}
