// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import java.time.Duration;
import java.util.Optional;
import org.mobitopolo.topology.Distribution;
import org.mobitopolo.topology.Impairment;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Rate;
import org.mobitopolo.topology.Size;

/**
 * Usual kinds of links: what they do to frames towards the link's first end, the subscriber's, and
 * away from it. Figures are typical ones, meant as a start.
 */
public enum Presets {
  IDEAL(Impairment.NONE, Impairment.NONE),
  LAN(of(0.2, 0, "1Gbit", 0), of(0.2, 0, "1Gbit", 0)),
  WIFI(of(2, 1, "150Mbit", 0.001), of(2, 1, "150Mbit", 0.001)),
  DSL(of(12, 2, "50Mbit", 0), of(12, 2, "10Mbit", 0)),
  MOBILE_4G(of(25, 8, "30Mbit", 0.001), of(25, 8, "10Mbit", 0.001)),
  SATELLITE(of(270, 5, "25Mbit", 0.002), of(270, 5, "3Mbit", 0.002)),
  TOKYO_FLORIDA(of(85, 0, "8Mbit", 0), of(85, 0, "8Mbit", 0));

  private final Impairment down;
  private final Impairment up;

  Presets(Impairment down, Impairment up) {
    this.down = down;
    this.up = up;
  }

  private static Impairment of(double delayMs, double jitterMs, String rate, double loss) {
    return Impairment.NONE
        .withDelay(millis(delayMs))
        .withJitter(millis(jitterMs), Distribution.NORMAL)
        .withLoss(loss, 0)
        .withRate(Rate.parse(rate), Size.ZERO);
  }

  private static Duration millis(double ms) {
    return Duration.ofNanos(Math.round(ms * 1000) * 1000);
  }

  /** What frames towards the subscriber meet. */
  public Impairment down() {
    return down;
  }

  /** What frames from the subscriber meet. */
  public Impairment up() {
    return up;
  }

  /** Whether it matters which end is the subscriber's. */
  public boolean isAsymmetric() {
    return !down.equals(up);
  }

  /** The link as this kind, its first end the subscriber's. */
  public Link applyTo(Link link) {
    return link.withImpairments(up, down);
  }

  /** The kind that the link is, whichever end is the subscriber's. */
  public static Optional<Presets> of(Link link) {
    for (Presets preset : values()) {
      if (preset.applyTo(link).equals(link) || swapped(preset.applyTo(link)).equals(link)) {
        return Optional.of(preset);
      }
    }
    return Optional.empty();
  }

  /** The link with its directions exchanged. */
  public static Link swapped(Link link) {
    return link.withImpairments(link.ba(), link.ab());
  }
}
