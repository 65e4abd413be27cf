// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.mobitopolo.canvas.model.Decorations;
import org.mobitopolo.canvas.model.LinkDecoration;
import org.mobitopolo.canvas.model.NodeDecoration;
import org.mobitopolo.canvas.model.NodeState;
import org.mobitopolo.canvas.model.RegionDecoration;
import org.mobitopolo.canvas.text.Texts;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Nic;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Note;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Switch;
import org.mobitopolo.topology.Symbol;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;

/** Topologies that tests draw. */
final class Examples {

  private Examples() {}

  /** Two regions, three machines and a switch, as in the decoupled file server. */
  static Topology sample() {
    Region tokyo =
        new Region(
            "tokyo",
            "Tokyo",
            HostUrl.parse("ssh://kenji@tokyo.example.org"),
            new Bounds(32, 32, 480, 400),
            "blue");
    Region florida =
        new Region(
            "florida", "Florida", HostUrl.parse("local:"), new Bounds(608, 32, 480, 400), "orange");
    Node client =
        vm(
            "client",
            Symbol.CLIENT,
            "florida",
            848,
            128,
            nic("eth0", "02:00:00:00:00:01", "10.0.1.2/24"));
    Node protocol =
        vm(
            "protocol",
            Symbol.VM,
            "tokyo",
            272,
            144,
            nic("eth0", "02:00:00:00:00:02", "10.0.1.1/24"),
            nic("eth1", "02:00:00:00:00:03", "10.0.2.1/24"));
    Node content =
        vm(
            "content",
            Symbol.SERVER,
            "tokyo",
            272,
            320,
            nic("eth0", "02:00:00:00:00:04", "10.0.2.2/24"));
    Node lan =
        new Switch(
            "lan",
            "lan",
            Optional.of("florida"),
            new Point(848, 320),
            List.of(nic("port0", "02:00:00:00:00:05")));
    return new Topology(
        "sample",
        "Decoupled file server",
        List.of(tokyo, florida),
        List.of(),
        List.of(client, protocol, content, lan),
        List.of(
            Link.create("link-1", new End("client", "eth0"), new End("protocol", "eth0")),
            Link.create("link-2", new End("protocol", "eth1"), new End("content", "eth0"))),
        List.of(
            new Note(
                "note-1",
                "Drag protocol to Florida while the copy runs: the transfer speeds up, and no"
                    + " connection breaks.",
                new Bounds(32, 464, 320, 72),
                "orange")));
  }

  static Node vm(String id, Symbol symbol, String region, double x, double y, Nic... nics) {
    return VirtualMachine.create(id, id, new Point(x, y))
        .withSymbol(symbol)
        .withRegion(Optional.of(region))
        .withNics(List.of(nics));
  }

  static Nic nic(String name, String mac, String... addresses) {
    return new Nic(name, mac, List.of(addresses).stream().map(Cidr::parse).toList());
  }

  static Decorations running() {
    return new Decorations(
        Map.of(
            "client", NodeDecoration.of(NodeState.RUNNING).withBadge("3 %"),
            "protocol", NodeDecoration.of(NodeState.RUNNING).withBadge("41 %"),
            "content", NodeDecoration.of(NodeState.RUNNING).withBadge("8 %")),
        Map.of(
            "link-1", new LinkDecoration("120 kbit/s", 0.05, 0.35, true, ""),
            "link-2", new LinkDecoration("122 kbit/s", 0.35, 0, true, "")),
        Map.of(
            "tokyo", region(List.of("6.2 GiB free", "4 CPUs"), 0.35, 0.6),
            "florida", region(List.of("12 GiB free", "8 CPUs"), 0.1, 0.25)));
  }

  private static RegionDecoration region(List<String> facts, double cpu, double memory) {
    return new RegionDecoration(
        facts, OptionalDouble.of(cpu), OptionalDouble.of(memory), true, "");
  }

  /** The protocol machine on its way to Florida. */
  static Topology moved() {
    Topology sample = sample();
    return sample.withNodes(
        sample.nodes().stream()
            .map(
                node ->
                    node.id().equals("protocol")
                        ? node.withRegion(Optional.of("florida")).withPosition(new Point(784, 224))
                        : node)
            .toList());
  }

  static Decorations migrating(double progress) {
    Decorations running = running();
    Map<String, NodeDecoration> nodes = new HashMap<>(running.nodes());
    nodes.put(
        "protocol",
        NodeDecoration.of(NodeState.MIGRATING)
            .withProgress(progress, "pass 3 \u00b7 12 MB left \u00b7 \u2248 30 ms pause"));
    return new Decorations(nodes, running.links(), running.regions());
  }

  static Decorations arrived() {
    Decorations running = running();
    Map<String, NodeDecoration> nodes = new HashMap<>(running.nodes());
    nodes.put(
        "protocol",
        NodeDecoration.of(NodeState.RUNNING).withBadge("38 %").withResult("24 ms downtime"));
    return new Decorations(
        nodes,
        Map.of(
            "link-1", new LinkDecoration("790 kbit/s", 0.1, 0.95, true, ""),
            "link-2", new LinkDecoration("795 kbit/s", 0.9, 0, true, "3 lost")),
        running.regions());
  }

  /** The topology with one more region, of this computer. */
  static Topology withRegion(Topology topology, String id, String name) {
    String[] tints = {"blue", "green", "orange", "purple", "teal", "red"};
    List<Region> regions = new ArrayList<>(topology.regions());
    regions.add(
        new Region(
            id, name, HostUrl.LOCAL, new Bounds(0, 0, 400, 300), tints[regions.size() % 6]));
    return topology.withRegions(regions);
  }

  /** Every state, an error, a link that is down, a host that does not answer. */
  static Topology states() {
    List<Node> nodes = new ArrayList<>();
    NodeState[] states = NodeState.values();
    for (int i = 0; i < states.length; i++) {
      nodes.add(
          vm(
              word(states[i]),
              Symbol.values()[i % 4],
              i % 2 == 0 ? "a" : "b",
              160 + i / 2 * 240,
              i % 2 == 0 ? 128 : 352,
              nic("eth0", String.format("02:00:00:00:01:%02x", i)),
              nic("eth1", String.format("02:00:00:00:02:%02x", i))));
    }
    List<Link> links = new ArrayList<>();
    for (int i = 0; i + 1 < states.length; i += 2) {
      links.add(
          Link.create(
              "a" + i, new End(nodes.get(i).id(), "eth0"), new End(nodes.get(i + 1).id(), "eth0")));
      if (i % 4 == 0) {
        links.add(
            Link.create(
                "b" + i,
                new End(nodes.get(i).id(), "eth1"),
                new End(nodes.get(i + 1).id(), "eth1")));
      }
    }
    List<Note> areas =
        List.of(
            new Note(
                "area", "Edge routers", new Bounds(288, 72, 464, 128), "orange", Note.Kind.AREA));
    return new Topology(
        "states",
        "States",
        List.of(
            new Region("a", "Home", HostUrl.LOCAL, new Bounds(32, 32, 976, 176), "teal"),
            new Region(
                "b",
                "Laboratory",
                HostUrl.parse("ssh://lab"),
                new Bounds(32, 256, 976, 176),
                "purple")),
        List.of(),
        nodes,
        links,
        areas);
  }

  private static String word(NodeState state) {
    return new Texts().get("state." + state.name());
  }

  static Decorations stateDecorations() {
    Map<String, NodeDecoration> nodes = new HashMap<>();
    for (NodeState state : NodeState.values()) {
      nodes.put(word(state), NodeDecoration.of(state));
    }
    nodes.put(
        "crashed",
        NodeDecoration.of(NodeState.CRASHED).withError("the kernel stopped: out of memory"));
    nodes.put("arriving", NodeDecoration.of(NodeState.INCOMING).withProgress(0.8, "last pages"));
    nodes.put(
        "migrating",
        new NodeDecoration(
            NodeState.MIGRATING,
            "",
            OptionalDouble.of(0.25),
            "disk, 31 MB left",
            Optional.empty(),
            Optional.empty()));
    return new Decorations(
        nodes,
        Map.of(
            "a0", new LinkDecoration("", 0, 0, false, ""),
            "a2", new LinkDecoration("9.8 Mbit/s", 0.95, 0.2, true, "12 lost"),
            "a4", new LinkDecoration("1.1 Mbit/s", 0.5, 0.5, true, "")),
        Map.of(
            "a", region(List.of("1.1 GiB free", "2 CPUs"), 0.95, 0.8),
            "b", new RegionDecoration(
                List.of("no answer for 12 s"),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                false,
                "Its VMs may still run. It is asked again every few seconds.")));
  }

  /**
   * A grid of nodes, each linked with its right and every second one with its lower neighbour, in
   * regions of blocks.
   */
  static Topology large(int count) {
    int columns = (int) Math.ceil(Math.sqrt(count * 1.4));
    List<Node> nodes = new ArrayList<>();
    List<Link> links = new ArrayList<>();
    List<Region> regions = new ArrayList<>();
    String[] tints = {"blue", "green", "orange", "purple", "teal", "red"};
    int block = 5;
    for (int i = 0; i < count; i++) {
      int column = i % columns;
      int row = i / columns;
      String region = "r" + column / block + "-" + row / block;
      if (regions.stream().noneMatch(r -> r.id().equals(region))) {
        double x = column / block * (block * 240 + 80);
        double y = row / block * (block * 130 + 110);
        regions.add(
            new Region(
                region,
                "Site " + (regions.size() + 1),
                HostUrl.LOCAL,
                new Bounds(x, y, block * 240 + 16, block * 130 + 46),
                tints[regions.size() % tints.length]));
      }
      double x = column * 240 + column / block * 80 + 128;
      double y = row * 130 + row / block * 110 + 96;
      List<Nic> nics = new ArrayList<>();
      for (int n = 0; n < 4; n++) {
        nics.add(nic("eth" + n, String.format("02:00:00:%02x:%02x:%02x", i / 256, i % 256, n)));
      }
      nodes.add(
          VirtualMachine.create("n" + i, "node-" + i, new Point(x, y))
              .withRegion(Optional.of(region))
              .withNics(nics));
      if (column > 0) {
        links.add(Link.create("h" + i, new End("n" + (i - 1), "eth0"), new End("n" + i, "eth1")));
      }
      if (row > 0 && i % 2 == 0) {
        links.add(
            Link.create("v" + i, new End("n" + (i - columns), "eth2"), new End("n" + i, "eth3")));
      }
    }
    return new Topology("large-" + count, "Large", regions, List.of(), nodes, links, List.of());
  }

  static Decorations largeRunning(Topology topology, int tick) {
    Map<String, NodeDecoration> nodes = new HashMap<>();
    Map<String, LinkDecoration> links = new HashMap<>();
    int i = 0;
    for (Node node : topology.nodes()) {
      nodes.put(
          node.id(),
          i % 17 == 3
              ? NodeDecoration.of(NodeState.STOPPED)
              : NodeDecoration.of(NodeState.RUNNING).withBadge((i * 7 + tick) % 100 + " %"));
      i++;
    }
    for (Link link : topology.links()) {
      int load = (i * 13 + tick) % 100;
      links.put(
          link.id(),
          load < 40
              ? LinkDecoration.NONE
              : new LinkDecoration(load + " kbit/s", load / 100.0, 0, true, ""));
      i++;
    }
    return new Decorations(nodes, links, Map.of());
  }
}
