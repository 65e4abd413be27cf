// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import org.mobitopolo.topology.Quantities;
import org.mobitopolo.topology.Rate;

/**
 * How the values of a quantity lie on a slider from 0 to 1. Delays, rates and probabilities span
 * many powers of ten, so the slider is logarithmic; one end stands for no delay, no loss or no
 * limit.
 */
enum Scale {
  /** Microseconds: none, then 100 µs to 2 s. */
  DELAY(100, 2_000_000, false) {
    @Override
    String write(double value) {
      return Quantities.format(Duration.ofNanos(Math.round(value) * 1000));
    }

    @Override
    double read(String text) {
      return Quantities.toMicros(Quantities.parseDuration(text));
    }
  },
  /** Bits a second: 10 kbit/s to 10 Gbit/s, then unlimited. */
  RATE(10_000, 10_000_000_000.0, true) {
    @Override
    String write(double value) {
      return new Rate(Math.round(value)).toString();
    }

    @Override
    double read(String text) {
      return Rate.parse(text).bitsPerSecond();
    }
  },
  /** Probabilities: none, then 0.01 % to all. */
  PROBABILITY(0.0001, 1, false) {
    @Override
    String write(double value) {
      return Quantities.formatProbability(value);
    }

    @Override
    double read(String text) {
      return Quantities.parseProbability(text);
    }
  };

  /** The part of the slider that stands for the end: wide enough to be met with the mouse. */
  private static final double END = 0.03;

  private final double least;
  private final double most;
  private final boolean endsAtRight;

  Scale(double least, double most, boolean endsAtRight) {
    this.least = least;
    this.most = most;
    this.endsAtRight = endsAtRight;
  }

  abstract String write(double value);

  abstract double read(String text);

  /** The written form of the value at a position, with two digits. */
  final String textAt(double position) {
    double fromEnd = endsAtRight ? 1 - position : position;
    if (fromEnd < END) {
      return write(0);
    }
    double part = (fromEnd - END) / (1 - END);
    double value = least * Math.pow(most / least, endsAtRight ? 1 - part : part);
    return write(new BigDecimal(value).round(new MathContext(2)).doubleValue());
  }

  /**
   * Where a value lies; what is beyond the slider lies at its end.
   *
   * @throws IllegalArgumentException if the text is not a value
   */
  final double positionOf(String text) {
    double value = read(text);
    if (value == 0) {
      return endsAtRight ? 1 : 0;
    }
    double part = Math.clamp(Math.log(value / least) / Math.log(most / least), 0, 1);
    double fromEnd = END + (endsAtRight ? 1 - part : part) * (1 - END);
    return endsAtRight ? 1 - fromEnd : fromEnd;
  }
}
