// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.bench;

import java.time.Duration;
import java.util.List;
import org.mobitopolo.topology.Quantities;
import org.mobitopolo.topology.Rate;
import org.mobitopolo.topology.Wan;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * The emulated network that a migration crosses, written {@code unshaped}, {@code 8Mbit} or {@code 8Mbit/170ms}.
 *
 * @param rate each way
 * @param roundTrip of both ways together
 */
record NetworkPath(Rate rate, Duration roundTrip) {
  static final NetworkPath UNSHAPED = new NetworkPath(Rate.UNLIMITED, Duration.ZERO);

  static NetworkPath parse(String text) {
    String[] parts = text.split("/", 2);
    return text.strip().equalsIgnoreCase("unshaped")
        ? UNSHAPED
        : new NetworkPath(Rate.parse(parts[0]), parts.length > 1 ? Quantities.parseDuration(parts[1]) : Duration.ZERO);
  }

  boolean isShaped() {
    return !equals(UNSHAPED);
  }

  Duration oneWay() {
    return roundTrip.dividedBy(2);
  }

  /** What a topology says of it. */
  List<Wan> wans(String a, String b) {
    return isShaped() ? List.of(new Wan(a, b, oneWay(), rate)) : List.of();
  }

  @Override
  public String toString() {
    return isShaped() ? rate + (roundTrip.isZero() ? "" : "/" + Quantities.format(roundTrip)) : "unshaped";
  }

  /** For the command line. */
  static final class Converter implements ITypeConverter<NetworkPath> {
    @Override
    public NetworkPath convert(String text) {
      try {
        return parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage() + " A network is written unshaped, 8Mbit or 8Mbit/170ms (rate and round trip).");
      }
    }
  }
}
