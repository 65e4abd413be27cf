// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.net.Inet4Address;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.Gateway;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.Validator;
import org.mobitopolo.topology.VirtualMachine;

/**
 * Switches and gateways. They keep nothing, so where they are to be, or are to be different, another one is made; the links are set to that
 * and the old one goes. And they cost next to nothing, so they run by themselves as soon as a VM is wanted on that reaches them.
 */
final class Devices {
  private static final int PORT_STEP = 16;

  private Devices() {}

  /** The devices that the wanted VMs reach over links without crossing another VM; a new set. */
  static Set<String> inUse(Topology topology, Set<String> wantedOn) {
    Map<String, Set<String>> neighbours = new HashMap<>();
    Set<String> devices = new HashSet<>();
    Set<String> reached = new HashSet<>();
    topology.nodes().stream().filter(node -> !(node instanceof VirtualMachine)).map(Node::id).forEach(devices::add);
    if (devices.isEmpty()) {
      return reached;
    }
    for (Link link : topology.links()) {
      neighbours.computeIfAbsent(link.a().node(), id -> new HashSet<>()).add(link.b().node());
      neighbours.computeIfAbsent(link.b().node(), id -> new HashSet<>()).add(link.a().node());
    }
    Deque<String> next = new ArrayDeque<>();
    wantedOn.stream().filter(id -> !devices.contains(id)).forEach(next::add);
    while (!next.isEmpty()) {
      for (String neighbour : neighbours.getOrDefault(next.remove(), Set.of())) {
        if (devices.contains(neighbour) && reached.add(neighbour)) {
          next.add(neighbour);
        }
      }
    }
    return reached;
  }

  /** How many ports an instance of it has. */
  static int ports(Node device) {
    int blocks = Math.max(1, (device.nics().size() + PORT_STEP - 1) / PORT_STEP);
    return Math.min(blocks * PORT_STEP, Validator.MOST_PORTS);
  }

  /** The VLAN that a port gives access to; empty for a trunk, as is a port that no link needs yet. */
  static OptionalInt vlan(Node device, int port) {
    return port < device.nics().size() ? device.nics().get(port).vlan() : OptionalInt.empty();
  }

  /** The address a gateway is to have; empty: the agent's own choice. */
  static Optional<Cidr> address(Gateway gateway) {
    return gateway.nics().stream()
        .flatMap(nic -> nic.addresses().stream())
        .filter(address -> address.address() instanceof Inet4Address)
        .findFirst();
  }

  /** Whether an instance made for one can be the other. */
  static boolean alike(Node made, Node wished) {
    if (!made.kind().equals(wished.kind()) || ports(made) != ports(wished)) {
      return false;
    }
    for (int port = 0; port < ports(made); port++) {
      if (!vlan(made, port).equals(vlan(wished, port))) {
        return false;
      }
    }
    return !(made instanceof Gateway before && wished instanceof Gateway after) || address(before).equals(address(after));
  }

  /** The instance that is, or only has to be started to be, what is wished; one that runs before one that does not. */
  static Optional<InstanceFact> fitting(List<InstanceFact> instances, Node device, Region region, Map<String, Node> applied) {
    List<InstanceFact> fitting =
        instances.stream()
            .filter(instance -> instance.host().equals(region.host()) && instance.region().equals(region.id()))
            .filter(instance -> instance.live() || instance.phase().off())
            .filter(instance -> alike(Objects.requireNonNullElse(applied.get(instance.instance()), device), device))
            .toList();
    return fitting.stream().filter(InstanceFact::live).findFirst().or(() -> fitting.stream().findFirst());
  }
}
