// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.util.Map;
import org.mobitopolo.host.HostState;

/**
 * Everything the hosts report about a lab, at one moment.
 *
 * @param vms by node id; has an entry for each virtual machine of the topology
 * @param links by link id; has an entry for each link of the topology
 * @param hosts by region id; has an entry for each region of the topology
 */
public record LabState(Map<String, VmState> vms, Map<String, LinkState> links, Map<String, HostState> hosts) {

  public static final LabState EMPTY = new LabState(Map.of(), Map.of(), Map.of());

  public LabState {
    vms = Map.copyOf(vms);
    links = Map.copyOf(links);
    hosts = Map.copyOf(hosts);
  }

  /** The state of a node's VM; of a node that is not known, that of a VM that exists nowhere. */
  public VmState vm(String node) {
    VmState state = vms.get(node);
    return state == null ? VmState.nowhere(node) : state;
  }

  /** How many VMs are live. */
  public long liveVms() {
    return vms.values().stream().filter(vm -> vm.status().live()).count();
  }
}
