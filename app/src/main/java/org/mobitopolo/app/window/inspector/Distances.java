// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import java.time.Duration;
import java.util.Optional;
import org.mobitopolo.topology.Rate;
import org.mobitopolo.topology.Wan;

/** Usual distances between two regions, one way. */
public enum Distances {
  NONE(0, "unlimited"),
  CAMPUS(500, "1Gbit"),
  CITY(2_000, "500Mbit"),
  CONTINENT(25_000, "100Mbit"),
  TOKYO_FLORIDA(85_000, "8Mbit"),
  TOKYO_VIRGINIA(80_000, "6.2Mbit"),
  SATELLITE(270_000, "10Mbit");

  private final Duration delay;
  private final Rate rate;

  Distances(long delayMicros, String rate) {
    this.delay = Duration.ofNanos(delayMicros * 1000);
    this.rate = Rate.parse(rate);
  }

  /** This distance between two regions. */
  public Wan between(String one, String other) {
    return new Wan(one, other, delay, rate);
  }

  /** The usual distance that this one is. */
  public static Optional<Distances> of(Wan wan) {
    for (Distances distance : values()) {
      if (distance.delay.equals(wan.delay()) && distance.rate.equals(wan.rate())) {
        return Optional.of(distance);
      }
    }
    return Optional.empty();
  }
}
