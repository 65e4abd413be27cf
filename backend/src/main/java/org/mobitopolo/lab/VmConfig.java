// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.Gateway;
import org.mobitopolo.topology.Nic;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Writes the {@code config} of protocols.md section 5. */
final class VmConfig {
  private VmConfig() {}

  /**
   * What an instance is made of.
   *
   * @param region id of the region it is to be in
   * @param base what its disk begins with
   * @param kernel names the agent folder whose guest kernel it runs
   */
  static ObjectNode of(Topology topology, VirtualMachine vm, String region, BaseImage base, String kernel) {
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    config
        .put("lab", topology.id())
        .put("labName", topology.name())
        .put("node", vm.id())
        .put("name", vm.name())
        .put("region", region)
        .put("kernel", kernel)
        .put("memoryMiB", vm.memory().toMiB())
        .put("mode", "auto");
    ObjectNode disk = config.putArray("disks").addObject().put("image", base.sha256()).put("sizeMiB", base.sizeMiB());
    base.pieces().ifPresent(list -> disk.put("pieces", list));
    ArrayNode nics = config.putArray("nics");
    for (Nic nic : vm.nics()) {
      nics.addObject().put("mac", nic.mac()).put("offload", true);
    }
    config.put("setup", SetupScript.of(vm)).put("startup", vm.startup());
    ObjectNode env = config.putObject("env");
    vm.env().forEach(env::put);
    return config;
  }

  /**
   * What a switch or gateway is made of. It has more ports than links, so that links can be added while it runs.
   *
   * @param region id of the region it is to be in
   */
  static ObjectNode ofDevice(Topology topology, Node device, String region) {
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    config
        .put("lab", topology.id())
        .put("labName", topology.name())
        .put("node", device.id())
        .put("name", device.name())
        .put("region", region)
        .put("kind", device.kind());
    ArrayNode nics = config.putArray("nics");
    for (int port = 0; port < Devices.ports(device); port++) {
      // nobody sees the address of a port
      ObjectNode nic = nics.addObject().put("mac", String.format("02:00:00:00:00:%02x", port));
      Devices.vlan(device, port).ifPresent(vlan -> nic.put("vlan", vlan));
    }
    if (device instanceof Gateway gateway) {
      Devices.address(gateway).map(Cidr::toString).ifPresent(address -> config.put("address", address));
    }
    return config;
  }
}
