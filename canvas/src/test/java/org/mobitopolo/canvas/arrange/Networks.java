// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.arrange;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Nic;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;

/** Networks of plain machines, all at one place, for layouts to bring order into. */
final class Networks {
  private final List<Region> regions = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private final List<Link> links = new ArrayList<>();

  Networks region(String id, double x, double y) {
    regions.add(new Region(id, id, HostUrl.LOCAL, new Bounds(x, y, 400, 300), "blue"));
    return this;
  }

  /** A machine in a region, or in none when that is null. */
  Networks node(String id, String region) {
    nodes.add(
        VirtualMachine.create(id, id, new Point(200, 150)).withRegion(Optional.ofNullable(region)));
    return this;
  }

  Networks link(String a, String b) {
    int number = links.size();
    links.add(
        Link.create("l" + number, new End(a, plug(a, number, 1)), new End(b, plug(b, number, 2))));
    return this;
  }

  private String plug(String id, int number, int end) {
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      if (node.id().equals(id)) {
        List<Nic> nics = new ArrayList<>(node.nics());
        String name = "eth" + nics.size();
        nics.add(
            new Nic(
                name,
                String.format("02:00:00:%02x:%02x:%02x", number / 256, number % 256, end),
                List.of()));
        nodes.set(i, node.withNics(nics));
        return name;
      }
    }
    throw new IllegalArgumentException("no node " + id);
  }

  Topology build() {
    return new Topology("net", "Net", regions, List.of(), nodes, links, List.of());
  }

  /** Two spines, four leaves linked with both, two hosts at each leaf. */
  static Networks leafSpine(String region) {
    Networks net = new Networks();
    net.node("spine1", region).node("spine2", region);
    for (int leaf = 1; leaf <= 4; leaf++) {
      net.node("leaf" + leaf, region).link("spine1", "leaf" + leaf).link("spine2", "leaf" + leaf);
      for (int host = 1; host <= 2; host++) {
        net.node("host" + leaf + host, region).link("leaf" + leaf, "host" + leaf + host);
      }
    }
    return net;
  }

  /** Machines in a circle, each linked with the next. */
  static Networks ring(int count, String region) {
    Networks net = new Networks();
    for (int i = 0; i < count; i++) {
      net.node("n" + i, region);
    }
    for (int i = 0; i < count; i++) {
      net.link("n" + i, "n" + (i + 1) % count);
    }
    return net;
  }
}
