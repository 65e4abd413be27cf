// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology.generate;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.Route;
import org.mobitopolo.topology.Topology;

/**
 * Addresses and routes of a generated network, all from one 10.N.0.0/16 that the topology does not
 * use yet. At a switch all machines share one /24; else each link is a /30 of its own, and static
 * routes lead along shortest ways (breadth-first search), so that every address is reached from
 * everywhere. A machine with one link needs only a default route.
 */
final class Addressing {
  /** More routes than this are not written: such a network wants a routing daemon. */
  static final int MOST_ROUTES = 5000;

  private static final int BLOCK = 64;

  private final Plan plan;
  private final int network;
  private final List<List<Integer>> linksOf;

  Addressing(Topology topology, Plan plan) {
    this.plan = plan;
    network = freeNetwork(topology);
    linksOf = plan.linksOf();
  }

  /** The lowest N from 1 on of which no address 10.N.* is used. */
  private static int freeNetwork(Topology topology) {
    boolean[] used = new boolean[256];
    topology.nodes().stream()
        .flatMap(node -> node.nics().stream())
        .flatMap(nic -> nic.addresses().stream())
        .filter(Cidr::isIpv4)
        .map(cidr -> cidr.address().getAddress())
        .filter(bytes -> bytes[0] == 10)
        .forEach(bytes -> used[bytes[1] & 255] = true);
    for (int number = 1; number < 255; number++) {
      if (!used[number]) {
        return number;
      }
    }
    throw new IllegalArgumentException(
        "All networks 10.1.0.0/16 to 10.254.0.0/16 are used in this lab. Generate without"
            + " addresses.");
  }

  /** The address of a node's end of a link. */
  Cidr address(int node, int link) {
    if (plan.hub()) {
      return Cidr.parse("10." + network + ".0." + (node + 1) + "/24");
    }
    int host = link % BLOCK * 4 + (plan.links().get(link).a() == node ? 1 : 2);
    return Cidr.parse("10." + network + "." + link / BLOCK + "." + host + "/30");
  }

  private Cidr subnet(int link) {
    return Cidr.parse("10." + network + "." + link / BLOCK + "." + link % BLOCK * 4 + "/30");
  }

  /** The routes of all nodes; empty lists where none are needed, or there would be too many. */
  List<List<Route>> routes() {
    List<List<Route>> routes = new ArrayList<>();
    int sum = 0;
    for (int node = 0; node < plan.places().size(); node++) {
      routes.add(plan.hub() ? List.of() : routesOf(node));
      sum += routes.getLast().size();
    }
    return sum <= MOST_ROUTES ? routes : plan.places().stream().map(_ -> List.<Route>of()).toList();
  }

  private List<Route> routesOf(int node) {
    if (linksOf.get(node).size() == 1) {
      int link = linksOf.get(node).getFirst();
      return List.of(Route.parse("default", address(plan.opposite(link, node), link).address()));
    }
    int[] first = firstLinks(node);
    List<Route> routes = new ArrayList<>();
    for (int link = 0; link < plan.links().size(); link++) {
      Plan.Pair pair = plan.links().get(link);
      if (pair.a() != node && pair.b() != node) {
        int via = first[pair.a()] >= 0 ? first[pair.a()] : first[pair.b()];
        routes.add(
            new Route(subnet(link), address(plan.opposite(via, node), via).address()));
      }
    }
    return routes;
  }

  /** The link over which the shortest way from a node to each other begins. */
  private int[] firstLinks(int from) {
    int[] first = new int[plan.places().size()];
    Arrays.fill(first, -1);
    Deque<Integer> waiting = new ArrayDeque<>(List.of(from));
    while (!waiting.isEmpty()) {
      int node = waiting.remove();
      for (int link : linksOf.get(node)) {
        int next = plan.opposite(link, node);
        if (next != from && first[next] < 0) {
          first[next] = node == from ? link : first[node];
          waiting.add(next);
        }
      }
    }
    return first;
  }
}
