// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import org.mobitopolo.host.HostFacts;
import org.mobitopolo.host.HostState;
import org.mobitopolo.lab.LabState;
import org.mobitopolo.lab.LinkSide;
import org.mobitopolo.lab.LinkState;
import org.mobitopolo.lab.RelayName;
import org.mobitopolo.lab.VmState;
import org.mobitopolo.lab.VmStatus;
import org.mobitopolo.migration.MigrationProgress;
import org.mobitopolo.migration.MigrationStatus;
import org.mobitopolo.task.LabException;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Nic;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Rate;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Symbol;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;
import org.mobitopolo.topology.Wan;

/** Topologies and states for tests. */
final class Examples {
  static final HostUrl FAR = HostUrl.parse("ssh://ann@lab.example.org");

  private Examples() {}

  /** A client in Florida, a protocol VM and a content VM in Tokyo, linked in a row. */
  static Topology fileServer() {
    Region tokyo = new Region("tokyo", "Tokyo", HostUrl.LOCAL, new Bounds(0, 0, 560, 340), "blue");
    Region florida = new Region("florida", "Florida", FAR, new Bounds(680, 0, 420, 340), "orange");
    Node content =
        vm("content", Symbol.SERVER, "tokyo", new Point(130, 180), nic(0, 1, "10.0.2.2/24"));
    Node protocol =
        vm(
            "protocol",
            Symbol.ROUTER,
            "tokyo",
            new Point(420, 180),
            nic(0, 2, "10.0.1.1/24"),
            nic(1, 3, "10.0.2.1/24"));
    Node client =
        vm("client", Symbol.CLIENT, "florida", new Point(890, 180), nic(0, 4, "10.0.1.2/24"));
    return Topology.empty("11111111-2222-3333-4444-555555555555", "Decoupled file server")
        .withRegions(List.of(tokyo, florida))
        .withWans(List.of(new Wan("tokyo", "florida", Duration.ofMillis(85), new Rate(8_000_000))))
        .withNodes(List.of(content, protocol, client))
        .withLinks(
            List.of(
                Link.create("l1", new End("client", "eth0"), new End("protocol", "eth0")),
                Link.create("l2", new End("protocol", "eth1"), new End("content", "eth0"))));
  }

  static VirtualMachine vm(String id, Symbol symbol, String region, Point place, Nic... nics) {
    return VirtualMachine.create(id, id, place)
        .withSymbol(symbol)
        .withRegion(Optional.of(region))
        .withNics(List.of(nics));
  }

  static Nic nic(int index, int mac, String address) {
    return new Nic(
        "eth" + index,
        String.format("02:00:00:00:%02x:%02x", mac >> 8, mac & 255),
        List.of(Cidr.parse(address)));
  }

  /** A grid of so many machines in four regions, each linked to the next. */
  static Topology large(int count) {
    List<Region> regions = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String color = List.of("blue", "green", "purple", "orange").get(i);
      regions.add(
          new Region(
              "r" + i,
              "Site " + (i + 1),
              HostUrl.LOCAL,
              new Bounds(i % 2 * 2360, i / 2 * 860, 2260, 760),
              color));
    }
    List<Node> nodes = new ArrayList<>();
    List<Link> links = new ArrayList<>();
    int each = count / 4;
    for (int i = 0; i < count; i++) {
      Bounds area = regions.get(i / each).bounds();
      Point place =
          new Point(area.x() + 120 + i % each % 10 * 224, area.y() + 110 + i % each / 10 * 140);
      nodes.add(
          vm(
              "n" + i,
              Symbol.VM,
              "r" + i / each,
              place,
              nic(0, 2 * i + 1, "10.1.0." + (i % 250 + 1) + "/16"),
              nic(1, 2 * i + 2, "10.2.0." + (i % 250 + 1) + "/16")));
      if (i > 0) {
        links.add(Link.create("k" + i, new End("n" + (i - 1), "eth1"), new End("n" + i, "eth0")));
      }
    }
    return Topology.empty("large", "Two hundred machines")
        .withRegions(regions)
        .withNodes(nodes)
        .withLinks(links);
  }

  /** All machines run, all links carry something, the second one through this computer. */
  static LabState running(Topology topology) {
    Map<String, VmState> vms = new HashMap<>();
    topology
        .virtualMachines()
        .forEach(
            vm ->
                vms.put(
                    vm.id(),
                    in(
                        topology.regionOf(vm.id()),
                        vmState(vm.id(), VmStatus.RUNNING, Optional.empty(), Optional.empty()))));
    Map<String, LinkState> links = new HashMap<>();
    int i = 0;
    for (Link link : topology.links()) {
      i++;
      Optional<String> relay = i == 2 ? Optional.of(RelayName.DESKTOP) : Optional.empty();
      links.put(
          link.id(),
          new LinkState(link.id(), side(98_700.0 * (i % 5 + 1), relay), side(4_300.0, relay)));
    }
    Map<String, HostState> hosts = new HashMap<>();
    topology.regions().forEach(region -> hosts.put(region.id(), connected(region.host())));
    return new LabState(vms, links, hosts);
  }

  static LabState with(LabState state, VmState vm) {
    Map<String, VmState> vms = new HashMap<>(state.vms());
    vms.put(vm.node(), vm);
    return new LabState(vms, state.links(), state.hosts());
  }

  static LabState with(LabState state, String region, HostState host) {
    Map<String, HostState> hosts = new HashMap<>(state.hosts());
    hosts.put(region, host);
    return new LabState(state.vms(), state.links(), hosts);
  }

  static VmState vmState(
      String node, VmStatus status, Optional<MigrationProgress> migration, Optional<String> error) {
    return new VmState(
        node,
        status,
        "",
        OptionalDouble.empty(),
        Optional.of("tokyo"),
        Optional.of(HostUrl.LOCAL),
        Optional.of("0123456789abcdef"),
        Optional.of(Instant.EPOCH),
        OptionalInt.of(1),
        41 << 20,
        3 << 20,
        migration,
        error);
  }

  private static VmState in(Optional<Region> region, VmState vm) {
    return new VmState(
        vm.node(),
        vm.status(),
        vm.phase(),
        vm.progress(),
        region.map(Region::id),
        region.map(Region::host),
        vm.instance(),
        vm.since(),
        vm.cpu(),
        vm.memoryBytes(),
        vm.diskBytes(),
        vm.migration(),
        vm.error());
  }

  static MigrationProgress migrating(double share) {
    long total = 64L << 20;
    return new MigrationProgress(
        "m1",
        "tokyo",
        "florida",
        MigrationStatus.PASSES,
        3,
        (long) (total * share),
        (long) (total * (1 - share)),
        total,
        214_000,
        980_000,
        OptionalDouble.of(34),
        0,
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        Optional.empty(),
        Optional.empty());
  }

  static MigrationProgress moved() {
    return new MigrationProgress(
        "m1",
        "tokyo",
        "florida",
        MigrationStatus.DONE,
        5,
        71L << 20,
        0,
        64L << 20,
        0,
        0,
        OptionalDouble.empty(),
        0,
        OptionalDouble.of(24.3),
        OptionalDouble.of(9840),
        Optional.empty(),
        Optional.empty());
  }

  static HostState connected(HostUrl url) {
    HostFacts facts =
        new HostFacts(
            "node7",
            "AMD EPYC 9R14",
            8,
            Set.of("avx2"),
            7,
            832,
            34_000_000_000L,
            21_000_000_000L,
            12_000_000_000L,
            410_000_000_000L,
            1.3,
            "6.8.0",
            true,
            4,
            List.of("192.0.2.7"),
            3,
            url.equals(FAR) ? Duration.ofMillis(171) : Duration.ofNanos(600_000));
    return new HostState(url, HostState.Status.CONNECTED, "", Optional.of(facts), Optional.empty());
  }

  static HostState unreachable(HostUrl url) {
    LabException reason =
        new LabException.HostUnreachable(
            url.displayName() + " does not answer: connection timed out after 10 s.",
            "VMs there may go on running; nothing about them is known at the moment.",
            "Check that the computer is up and that ssh "
                + url.displayName()
                + " works in a terminal.",
            null);
    return new HostState(
        url, HostState.Status.UNREACHABLE, "", Optional.empty(), Optional.of(reason));
  }

  private static LinkSide side(double bytesPerSecond, Optional<String> relayedBy) {
    return new LinkSide(
        true,
        Optional.of(Duration.ofMillis(3)),
        bytesPerSecond,
        90,
        0,
        0,
        0,
        0,
        Map.of(),
        "192.0.2.7:40000",
        relayedBy);
  }
}
