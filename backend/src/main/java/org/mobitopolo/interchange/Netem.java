// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mobitopolo.topology.Distribution;
import org.mobitopolo.topology.Impairment;
import org.mobitopolo.topology.Quantities;
import org.mobitopolo.topology.Rate;
import org.mobitopolo.topology.Size;

/** Impairments as arguments of {@code tc qdisc ... netem}, see tc-netem(8). */
final class Netem {

  private static final Pattern TIME =
      Pattern.compile("(\\d{1,9}(?:\\.\\d{1,6})?)(us|usecs?|ms|msecs?|s|secs?)?");
  private static final Pattern RATE =
      Pattern.compile("(\\d{1,12}(?:\\.\\d{1,6})?)([kmgt]?)(bit|bps)?", Pattern.CASE_INSENSITIVE);

  private Netem() {}

  /** The arguments behind {@code netem}; empty when there is nothing to do. */
  static String format(Impairment impairment) {
    StringBuilder text = new StringBuilder();
    if (!impairment.delay().isZero() || !impairment.jitter().isZero()) {
      text.append(" delay ").append(Quantities.toMicros(impairment.delay())).append("us");
      if (!impairment.jitter().isZero()) {
        text.append(' ').append(Quantities.toMicros(impairment.jitter())).append("us");
        if (impairment.distribution() != Distribution.UNIFORM) {
          text.append(" distribution ")
              .append(impairment.distribution().name().toLowerCase(Locale.ROOT));
        }
      }
    }
    probability(text, "loss", impairment.loss());
    probability(text, "duplicate", impairment.duplicate());
    probability(text, "reorder", impairment.reorder());
    probability(text, "corrupt", impairment.corrupt());
    if (!impairment.rate().isUnlimited()) {
      text.append(" rate ").append(impairment.rate().bitsPerSecond()).append("bit");
    }
    return text.toString().strip();
  }

  private static void probability(StringBuilder text, String name, double value) {
    if (value > 0) {
      text.append(' ').append(name).append(' ').append(Quantities.formatProbability(value));
    }
  }

  /** Reads what stands behind {@code netem}; empty when something in it is not known here. */
  static Optional<Impairment> parse(List<String> words) {
    Impairment result = Impairment.NONE;
    int at = 0;
    try {
      while (at < words.size()) {
        String word = words.get(at++);
        String value = words.get(at++);
        switch (word) {
          case "delay" -> {
            result = result.withDelay(time(value));
            if (at < words.size() && TIME.matcher(words.get(at)).matches()) {
              result = result.withJitter(time(words.get(at++)), Distribution.UNIFORM);
            }
          }
          case "distribution" ->
              result =
                  result.withJitter(
                      result.jitter(), Distribution.valueOf(value.toUpperCase(Locale.ROOT)));
          case "loss" -> {
            String share = value.equals("random") ? words.get(at++) : value;
            result = result.withLoss(Quantities.parseProbability(share), 0);
          }
          case "duplicate" -> result = result.withDuplicate(Quantities.parseProbability(value));
          case "reorder" -> result = result.withReorder(Quantities.parseProbability(value));
          case "corrupt" -> result = result.withCorrupt(Quantities.parseProbability(value));
          case "rate" -> result = result.withRate(rate(value), Size.ZERO);
          case "limit" -> Integer.parseInt(value);
          default -> {
            return Optional.empty();
          }
        }
      }
      return Optional.of(result);
    } catch (IllegalArgumentException | IndexOutOfBoundsException | ArithmeticException e) {
      return Optional.empty();
    }
  }

  /** A time as tc has it; without a unit microseconds. */
  private static Duration time(String text) {
    Matcher matcher = TIME.matcher(text.toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException(text);
    }
    String unit = matcher.group(2) == null ? "u" : matcher.group(2);
    int digits = unit.startsWith("u") ? 3 : unit.startsWith("m") ? 6 : 9;
    return Duration.ofNanos(
        new BigDecimal(matcher.group(1)).scaleByPowerOfTen(digits).longValue());
  }

  /** A rate as tc has it: bits a second, or bytes when it ends in bps. */
  private static Rate rate(String text) {
    Matcher matcher = RATE.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(text);
    }
    int power = " kmgt".indexOf((matcher.group(2) + " ").toLowerCase(Locale.ROOT).charAt(0));
    BigDecimal bits = new BigDecimal(matcher.group(1)).scaleByPowerOfTen(3 * power);
    boolean bytes = "bps".equalsIgnoreCase(matcher.group(3));
    return new Rate((bytes ? bits.multiply(BigDecimal.valueOf(8)) : bits).longValueExact());
  }
}
