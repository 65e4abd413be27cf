// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.time.Duration;
import java.util.Optional;

/** A link at one moment: how its ends {@code a} and {@code b} see it. */
public record LinkState(String link, LinkSide a, LinkSide b) {

  /** Whether both ends hear of each other. */
  public boolean up() {
    return a.up() && b.up();
  }

  /** Who passes on what the ends send each other; empty where they reach each other themselves. */
  public Optional<String> relayedBy() {
    return a.relayedBy().or(b::relayedBy);
  }

  public Optional<Duration> roundTrip() {
    return a.roundTrip().or(b::roundTrip);
  }

  /** Bytes a second from {@code a} to {@code b}, as sent. */
  public double bytesPerSecondAb() {
    return a.txBytesPerSecond();
  }

  /** Bytes a second from {@code b} to {@code a}, as sent. */
  public double bytesPerSecondBa() {
    return b.txBytesPerSecond();
  }
}
