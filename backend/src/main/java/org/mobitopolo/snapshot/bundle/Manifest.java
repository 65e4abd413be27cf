// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot.bundle;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Topology;

/**
 * What a bundle holds, told at its beginning.
 *
 * @param name of the lab
 * @param created when it was cut
 * @param topology of the lab; names no hosts: all its regions are on {@code local:}
 * @param places for each region, by id, which of the hosts it was on: regions of one number shared a host
 * @param machines the VMs, switches and gateways that ran, in the order of the members
 * @param images the base images that the bundle brings along, by SHA-256: their size in bytes
 */
public record Manifest(
    String name, Instant created, Topology topology, Map<String, Integer> places, List<Machine> machines, Map<String, Long> images) {

  public Manifest {
    places = Map.copyOf(places);
    machines = List.copyOf(machines);
    images = Map.copyOf(images);
  }

  /**
   * A VM, switch or gateway.
   *
   * @param node id of its node in the topology
   * @param region id of the region where it ran
   * @param kernel names the agent whose guest kernel it runs; empty for a switch or gateway
   * @param kernelSha256 of that guest kernel's file, if it is known: another agent may have the same kernel
   * @param head what its state begins with
   */
  public record Machine(String node, String region, String kernel, Optional<String> kernelSha256, Head head) {}

  /** The state of that node. */
  public Optional<Machine> machine(String node) {
    return machines.stream().filter(machine -> machine.node().equals(node)).findFirst();
  }

  /** Bytes of RAM that all VMs need when they are restored. */
  public long contentBytes() {
    return machines.stream().mapToLong(machine -> machine.head().contentBytes()).sum();
  }

  /** A topology that says nothing about whose computers it ran on. */
  public static Topology anonymous(Topology topology) {
    return topology.withRegions(topology.regions().stream().map(region -> region.withHost(HostUrl.LOCAL)).toList());
  }

  /** Numbers the hosts of the regions in the order in which they come. */
  public static Map<String, Integer> places(Topology topology) {
    Map<HostUrl, Integer> numbers = new HashMap<>();
    topology.regions().forEach(region -> numbers.putIfAbsent(region.host(), numbers.size()));
    return topology.regions().stream().collect(Collectors.toMap(region -> region.id(), region -> numbers.get(region.host())));
  }
}
