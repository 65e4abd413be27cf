// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Written forms of durations ({@code 85ms}, {@code 250us}, {@code 1.5s}) and probabilities ({@code
 * 0.5%}).
 */
public final class Quantities {

  private static final Pattern DURATION =
      Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)\\s*(us|µs|ms|s)");
  private static final Pattern PERCENT = Pattern.compile("(\\d{1,3}(?:\\.\\d{1,15})?)\\s*%");

  private Quantities() {}

  /**
   * Reads a duration; the finest unit is the microsecond.
   *
   * @throws IllegalArgumentException with a sentence that shows the right form
   */
  public static Duration parseDuration(String text) {
    Matcher matcher = DURATION.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not a duration. Write for example 85ms, 250us or 1.5s.");
    }
    int digits =
        switch (matcher.group(2)) {
          case "s" -> 6;
          case "ms" -> 3;
          default -> 0;
        };
    try {
      return micros(new BigDecimal(matcher.group(1)).scaleByPowerOfTen(digits).longValueExact());
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is finer than a microsecond, which is the shortest duration here.", e);
    }
  }

  /**
   * The written form in the largest unit that is not larger than the duration; parts below a
   * microsecond are dropped.
   */
  public static String format(Duration duration) {
    long micros = toMicros(duration);
    if (micros >= 1_000_000) {
      return BigDecimal.valueOf(micros, 6).stripTrailingZeros().toPlainString() + "s";
    }
    return micros >= 1000 || micros == 0
        ? BigDecimal.valueOf(micros, 3).stripTrailingZeros().toPlainString() + "ms"
        : micros + "us";
  }

  /** Whole microseconds of the duration. */
  public static long toMicros(Duration duration) {
    return Math.addExact(
        Math.multiplyExact(duration.getSeconds(), 1_000_000L), duration.getNano() / 1000);
  }

  static Duration micros(long micros) {
    return Duration.ofSeconds(micros / 1_000_000, micros % 1_000_000 * 1000);
  }

  /**
   * Reads a percentage as a probability from 0 to 1.
   *
   * @throws IllegalArgumentException with a sentence that shows the right form
   */
  public static double parseProbability(String text) {
    Matcher matcher = PERCENT.matcher(text.strip());
    BigDecimal percent = matcher.matches() ? new BigDecimal(matcher.group(1)) : null;
    if (percent == null || percent.compareTo(BigDecimal.valueOf(100)) > 0) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not a probability. Write for example 0.5%, at most 100%.");
    }
    return percent.movePointLeft(2).doubleValue();
  }

  /** The written form of a probability from 0 to 1: a percentage with at most nine places. */
  public static String formatProbability(double probability) {
    BigDecimal percent =
        BigDecimal.valueOf(probability).movePointRight(2).setScale(9, RoundingMode.HALF_EVEN);
    return (percent.signum() == 0 ? "0" : percent.stripTrailingZeros().toPlainString()) + "%";
  }
}
