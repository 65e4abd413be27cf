// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.util.Map;
import java.util.Set;
import org.mobitopolo.host.HostState;

/**
 * Everything the hosts report about a lab, at one moment.
 *
 * @param vms by node id; has an entry for each node of the topology, switches and gateways too
 * @param links by link id; has an entry for each link of the topology
 * @param hosts by region id; has an entry for each region of the topology
 * @param devices ids of the nodes that are switches or gateways
 */
public record LabState(
    Map<String, VmState> vms, Map<String, LinkState> links, Map<String, HostState> hosts, Set<String> devices) {

  public static final LabState EMPTY = new LabState(Map.of(), Map.of(), Map.of());

  public LabState {
    vms = Map.copyOf(vms);
    links = Map.copyOf(links);
    hosts = Map.copyOf(hosts);
    devices = Set.copyOf(devices);
  }

  /** Of a lab of VMs alone. */
  public LabState(Map<String, VmState> vms, Map<String, LinkState> links, Map<String, HostState> hosts) {
    this(vms, links, hosts, Set.of());
  }

  /** The state of a node; of one that is not known, that of a VM that exists nowhere. */
  public VmState vm(String node) {
    VmState state = vms.get(node);
    return state == null ? VmState.nowhere(node) : state;
  }

  /** How many VMs are live. */
  public long liveVms() {
    return vms.values().stream().filter(vm -> vm.status().live() && !devices.contains(vm.node())).count();
  }
}
