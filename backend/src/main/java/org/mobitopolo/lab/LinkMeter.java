// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Turns the counters of event {@code links} into rates. Time is the reporting host's, so the desktop's own delays don't blur the rates; after
 * a migration another clock counts, and the rate of the old host stands until the new one has reported twice. Not thread-safe.
 */
final class LinkMeter {
  private static final long SILENT_US = 5_000_000;
  private static final long SHORTEST_US = 100_000;

  private record Key(String node, int nic) {}

  private record Reading(
      String instance, String link, long atUs, long txFrames, long txBytes, long rxFrames, long rxBytes, LinkSide side) {}

  private final Map<Key, Reading> readings = new HashMap<>();

  /** Takes an event of the VM that is this node now. */
  void accept(String node, JsonNode event) {
    String instance = event.path("instance").asString("");
    long atUs = event.path("atUs").asLong(0);
    for (JsonNode link : event.path("links").values()) {
      Key key = new Key(node, link.path("nic").asInt(-1));
      Reading next = read(instance, atUs, link, readings.get(key));
      if (next != null) {
        readings.put(key, next);
      }
    }
  }

  private static Reading read(String instance, long atUs, JsonNode link, Reading last) {
    String id = link.path("link").asString("");
    long txFrames = link.path("txFrames").asLong(0);
    long txBytes = link.path("txBytes").asLong(0);
    long rxFrames = link.path("rxFrames").asLong(0);
    long rxBytes = link.path("rxBytes").asLong(0);
    boolean same = last != null && last.link.equals(id);
    boolean comparable = same && last.instance.equals(instance);
    long elapsed = comparable ? atUs - last.atUs : 0;
    if (comparable && elapsed < SHORTEST_US) {
      return null;
    }
    double perSecond = elapsed > 0 ? 1e6 / elapsed : 0;
    LinkSide before = same ? last.side : LinkSide.DOWN;
    long aliveUs = link.path("aliveUs").asLong(-1);
    long rttUs = link.path("rttUs").asLong(0);
    Map<String, Long> drops = new HashMap<>();
    link.path("drops").properties().forEach(entry -> drops.put(entry.getKey(), entry.getValue().asLong(0)));
    LinkSide side =
        new LinkSide(
            aliveUs >= 0 && aliveUs < SILENT_US,
            rttUs > 0 ? Optional.of(Duration.ofNanos(rttUs * 1000)) : Optional.empty(),
            comparable ? rate(txBytes - last.txBytes, perSecond) : before.txBytesPerSecond(),
            comparable ? rate(txFrames - last.txFrames, perSecond) : before.txFramesPerSecond(),
            comparable ? rate(rxBytes - last.rxBytes, perSecond) : before.rxBytesPerSecond(),
            comparable ? rate(rxFrames - last.rxFrames, perSecond) : before.rxFramesPerSecond(),
            txBytes,
            rxBytes,
            drops,
            link.path("peer").asString(""),
            link.path("relayedBy").stringValueOpt().map(InstanceFact::printable));
    return new Reading(instance, id, atUs, txFrames, txBytes, rxFrames, rxBytes, side);
  }

  private static double rate(long difference, double perSecond) {
    return Math.max(0, difference) * perSecond;
  }

  /** How a NIC sees this link; down if it has reported nothing of it. */
  LinkSide side(String node, int nic, String link) {
    Reading reading = readings.get(new Key(node, nic));
    return reading != null && reading.link.equals(link) ? reading.side : LinkSide.DOWN;
  }

  /** Forgets a node whose VM does not run any more. */
  void forget(String node) {
    readings.keySet().removeIf(key -> key.node.equals(node));
  }
}
