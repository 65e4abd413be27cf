// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.link;

import java.util.Locale;
import java.util.Optional;
import org.mobitopolo.topology.Impairment;
import org.mobitopolo.topology.Rate;
import org.mobitopolo.topology.Wan;

/**
 * What one end of a link does to the frames that it sends; units of the agent protocol.
 *
 * @param distribution {@code normal}, {@code uniform} or {@code pareto}
 */
public record Egress(
    long delayUs,
    long jitterUs,
    String distribution,
    double loss,
    double lossBurst,
    double duplicate,
    double reorder,
    double corrupt,
    long rateBps,
    long queueBytes) {

  /**
   * The link's own impairment and that of the distance it crosses: delays add, the lower rate counts. A distance loses nothing, so all else is
   * the link's.
   */
  public static Egress of(Impairment own, Optional<Wan> wan) {
    return new Egress(
        toMicros(own.delay()) + wan.map(distance -> toMicros(distance.delay())).orElse(0L),
        toMicros(own.jitter()),
        own.distribution().name().toLowerCase(Locale.ROOT),
        own.loss(),
        own.lossBurst(),
        own.duplicate(),
        own.reorder(),
        own.corrupt(),
        own.rate().min(wan.map(Wan::rate).orElse(Rate.UNLIMITED)).bitsPerSecond(),
        own.queue().bytes());
  }

  private static long toMicros(java.time.Duration duration) {
    return duration.toNanos() / 1000;
  }
}
