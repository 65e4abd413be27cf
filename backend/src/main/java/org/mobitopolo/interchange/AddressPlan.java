// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.Quantities;
import org.mobitopolo.topology.Route;

/**
 * Addresses and static routes for a graph of routers that came without any. Router n owns
 * 10.a.b.1/32 with n = 256 a + b, put on its first interface, and each link is a /30 of
 * 172.16.0.0/12. Every router has a route to each other's own address along the path of least delay
 * (Dijkstra, one router at a time), so a ping crosses the map the way light would.
 *
 * <p>Above {@link #MOST_ROUTERS} routers only addresses are given out, since the routes would be too
 * many; a routing daemon does that better.
 */
final class AddressPlan {

  /** What still makes start-up short: n routers have n (n - 1) routes. */
  private static final int MOST_ROUTERS = 150;

  private static final int MOST_LINKS = 1 << 18;

  private record Hop(Draft.DraftLink link, DraftNode from, DraftNode to) {
    private InetAddress gateway(Map<Draft.DraftLink, Integer> networks) {
      return address(networks.get(link), to == link.a ? 1 : 2);
    }
  }

  private record Reached(DraftNode node, long delay, Hop first) {}

  private final Draft draft;
  private final Map<Draft.DraftLink, Integer> networks = new HashMap<>();
  private final Map<DraftNode, List<Hop>> hops = new HashMap<>();
  private final Map<DraftNode, Cidr> own = new LinkedHashMap<>();

  private AddressPlan(Draft draft) {
    this.draft = draft;
  }

  static void give(Draft draft) {
    new AddressPlan(draft).give();
  }

  private void give() {
    for (DraftNode node : draft.nodes()) {
      int number = own.size() + 1;
      own.put(node, Cidr.parse("10." + (number >> 8) + "." + (number & 255) + ".1/32"));
      hops.put(node, new ArrayList<>());
    }
    for (Draft.DraftLink link : draft.links()) {
      if (networks.size() >= MOST_LINKS || isCrowded(link.a) || isCrowded(link.b)) {
        continue;
      }
      networks.put(link, networks.size());
      link.a.nic(link.nicA).addresses.add(new Cidr(address(networks.get(link), 1), 30));
      link.b.nic(link.nicB).addresses.add(new Cidr(address(networks.get(link), 2), 30));
      hops.get(link.a).add(new Hop(link, link.a, link.b));
      hops.get(link.b).add(new Hop(link, link.b, link.a));
    }
    own.forEach(
        (node, address) -> {
          if (!hops.get(node).isEmpty()) {
            Hop first = hops.get(node).getFirst();
            node.nic(first.link.a == node ? first.link.nicA : first.link.nicB)
                .addresses
                .add(address);
          }
        });
    boolean routed = own.size() <= MOST_ROUTERS;
    if (routed) {
      own.keySet().forEach(this::route);
    }
    draft.add(
        Finding.changed(
            draft.file(),
            "addresses",
            routed
                ? "10.0.0.0/16 for routers, 172.16.0.0/12 for links, static routes along least delay"
                : "10.0.0.0/16 for routers, 172.16.0.0/12 for links, no routes",
            routed
                ? "graphs have none"
                : "graphs have none, and routes among so many routers are a routing daemon's work"));
  }

  /** Whether some of the node's links will be dropped for want of interfaces. */
  private boolean isCrowded(DraftNode node) {
    return hops.get(node).size() >= node.mostNics();
  }

  private static InetAddress address(int network, int host) {
    int value = (172 << 24 | 16 << 16) + network * 4 + host;
    return Cidr.parseAddress(
        (value >>> 24) + "." + (value >> 16 & 255) + "." + (value >> 8 & 255) + "." + (value & 255));
  }

  private void route(DraftNode start) {
    PriorityQueue<Reached> waiting =
        new PriorityQueue<>(Comparator.comparingLong(Reached::delay));
    Map<DraftNode, Boolean> done = new HashMap<>();
    waiting.add(new Reached(start, 0, null));
    while (!waiting.isEmpty()) {
      Reached reached = waiting.poll();
      if (done.putIfAbsent(reached.node, true) != null) {
        continue;
      }
      if (reached.first != null) {
        start.routes.add(new Route(own.get(reached.node), reached.first.gateway(networks)));
      }
      for (Hop hop : hops.get(reached.node)) {
        // one more for the hop itself, so that among equals the path of fewer hops wins
        long delay = reached.delay + Quantities.toMicros(hop.link.ab.delay()) + 1;
        waiting.add(new Reached(hop.to, delay, reached.first == null ? hop : reached.first));
      }
    }
  }
}
