// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.util.List;
import java.util.Set;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Topology;
import tools.jackson.databind.node.ObjectNode;

/**
 * A switch or gateway that VMs reach, for those who let VMs run by other means than a {@link Lab}.
 *
 * @param region id of the region that it is in
 * @param config what the host is to make (protocols.md section 5, {@code vm.create})
 */
public record NeededDevice(Node device, String region, ObjectNode config) {

  /** Those that these VMs reach without crossing another VM, and that lie in a region. */
  public static List<NeededDevice> of(Topology topology, Set<String> machines) {
    Set<String> used = Devices.inUse(topology, machines);
    return topology.nodes().stream()
        .filter(node -> used.contains(node.id()) && node.region().flatMap(topology::region).isPresent())
        .map(node -> new NeededDevice(node, node.region().orElseThrow(), VmConfig.ofDevice(topology, node, node.region().orElseThrow())))
        .toList();
  }
}
