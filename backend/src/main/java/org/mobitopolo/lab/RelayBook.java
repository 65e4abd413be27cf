// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.mobitopolo.link.LinkRelay;
import org.mobitopolo.topology.HostUrl;

/**
 * Which links need a relay, and which have one. A link that does not come up gets one way after the other until it does: hosts of the lab, then this computer's
 * SSH connections. What worked between two hosts is tried first, and at once, for their next link. A relay goes when the ends have found a direct way without its
 * help. Times are nanoseconds of one clock. Not thread-safe.
 */
final class RelayBook {
  /** How long a link may take to come up by itself. */
  static final long PATIENCE_NANOS = 5_000_000_000L;

  /** How long it may take with a relay that was just given to it. */
  static final long RELAY_PATIENCE_NANOS = 10_000_000_000L;

  /** How long a direct way must have held before the relay goes. */
  static final long PROOF_NANOS = 10_000_000_000L;

  /**
   * A link whose ends are both alive and stay where they are, as it is now.
   *
   * @param a host of its end {@code a}
   * @param b host of its end {@code b}
   * @param sameMachine whether they are one machine
   * @param told whether both ends were told what they have to know
   * @param up whether both hear each other
   * @param relayedBy who passes datagrams on now
   * @param direct whether both reach each other at addresses of the hosts themselves
   */
  record Seen(String link, HostUrl a, HostUrl b, boolean sameMachine, boolean told, boolean up, Optional<String> relayedBy, boolean direct) {}

  /** A link that is to get a relay; {@link #opened} or {@link #failed} follows. */
  record Need(String link, Way way, HostUrl a, HostUrl b) {}

  private static final class Entry {
    HostPair hosts;
    long waitsSince;
    long directSince;
    boolean direct;
    boolean opening;
    int tried;
    Way way;
    LinkRelay relay;
    HostPair relayFor;
  }

  private final Map<String, Entry> entries = new HashMap<>();
  private final Map<HostPair, Way> proven = new HashMap<>();

  /** What is to be done now. */
  List<Need> review(List<Seen> links, Function<HostPair, List<Way>> ways, long now) {
    List<Need> needs = new ArrayList<>();
    for (Seen link : links) {
      review(link, ways, now).ifPresent(needs::add);
    }
    return needs;
  }

  private Optional<Need> review(Seen seen, Function<HostPair, List<Way>> ways, long now) {
    HostPair hosts = HostPair.of(seen.a(), seen.b());
    Entry entry = entries.computeIfAbsent(seen.link(), ignored -> new Entry());
    if (!hosts.equals(entry.hosts)) {
      entry.hosts = hosts;
      entry.waitsSince = now;
      entry.direct = false;
      entry.tried = 0;
    }
    fit(entry, hosts);
    if (seen.sameMachine()) {
      entry.relay = null;
      return Optional.empty();
    }
    seen.relayedBy().flatMap(by -> ways.apply(hosts).stream().filter(way -> way.by().equals(by)).findFirst()).ifPresent(way -> proven.put(hosts, way));
    if (seen.up() || !seen.told() || entry.opening) {
      entry.waitsSince = now;
      noteDirect(entry, seen, now);
      return Optional.empty();
    }
    entry.direct = false;
    boolean known = entry.relay == null && proven.containsKey(hosts);
    if (!known && now - entry.waitsSince < (entry.relay == null ? PATIENCE_NANOS : RELAY_PATIENCE_NANOS)) {
      return Optional.empty();
    }
    entry.way = next(entry, hosts, known, ways.apply(hosts));
    entry.opening = true;
    return Optional.of(new Need(seen.link(), entry.way, seen.a(), seen.b()));
  }

  private Way next(Entry entry, HostPair hosts, boolean known, List<Way> ways) {
    Way last = proven.get(hosts);
    if (known && ways.contains(last)) {
      return last;
    }
    // it does not hold any more
    proven.remove(hosts);
    return ways.get(entry.tried++ % ways.size());
  }

  /** The relay was for other hosts: another host passes on for these two as well, the SSH connections do not. */
  private static void fit(Entry entry, HostPair hosts) {
    if (entry.relay != null && !hosts.equals(entry.relayFor)) {
      if (entry.way.host().filter(host -> !hosts.has(host)).isPresent()) {
        entry.relayFor = hosts;
      } else {
        entry.relay = null;
      }
    }
  }

  private void noteDirect(Entry entry, Seen seen, long now) {
    if (!seen.direct()) {
      entry.direct = false;
    } else if (!entry.direct) {
      entry.direct = true;
      entry.directSince = now;
    } else if (entry.relay != null && now - entry.directSince >= PROOF_NANOS) {
      entry.relay = null;
      proven.remove(entry.hosts);
    }
  }

  /** The relay is there, and the link is to be told of it. */
  void opened(String link, HostPair hosts, Way way, LinkRelay relay, long now) {
    Entry entry = entries.computeIfAbsent(link, ignored -> new Entry());
    entry.opening = false;
    entry.way = way;
    entry.relay = relay;
    entry.relayFor = hosts;
    entry.waitsSince = now;
  }

  /** The way is of no use now. */
  void failed(String link, long now) {
    Entry entry = entries.get(link);
    if (entry != null) {
      entry.opening = false;
      // the next way at once
      entry.waitsSince = now - RELAY_PATIENCE_NANOS;
    }
  }

  /** What works between two hosts, if they are known not to reach each other; where a link between them is direct by now, they do. */
  Optional<Way> proven(HostPair hosts) {
    boolean reached = entries.values().stream().anyMatch(entry -> entry.direct && hosts.equals(entry.hosts));
    return reached ? Optional.empty() : Optional.ofNullable(proven.get(hosts));
  }

  void prove(HostPair hosts, Way way) {
    proven.put(hosts, way);
  }

  /** The links that have a relay. */
  Map<String, LinkRelay> relays() {
    Map<String, LinkRelay> found = new HashMap<>();
    entries.forEach(
        (link, entry) -> {
          if (entry.relay != null) {
            found.put(link, entry.relay);
          }
        });
    return found;
  }

  /** Forgets links that are gone. */
  void keep(Set<String> links) {
    entries.keySet().retainAll(links);
  }
}
