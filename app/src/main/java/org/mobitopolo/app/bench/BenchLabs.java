// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.bench;

import java.util.List;
import java.util.Optional;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Nic;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Size;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;

/** The labs that benchmarks work with. */
final class BenchLabs {

  static final String HERE = "here";
  static final String THERE = "there";
  static final String LEFT = "left";
  static final String RIGHT = "right";
  static final String LEFT_ADDRESS = "10.0.0.1";
  static final String RIGHT_ADDRESS = "10.0.0.2";

  private BenchLabs() {}

  /** Two regions on one host, nothing in them. */
  static Topology empty(String id, HostUrl host) {
    return Topology.empty(id, id)
        .withRegions(
            List.of(
                new Region(HERE, "Here", host, new Bounds(0, 0, 400, 300), "blue"),
                new Region(THERE, "There", host, new Bounds(500, 0, 400, 300), "orange")));
  }

  /** Two machines {@link #LEFT} and {@link #RIGHT} in {@link #HERE}, with a cable between them. */
  static Topology pair(String id, HostUrl host, Size memory) {
    return empty(id, host)
        .withNodes(
            List.of(
                machine(LEFT, 1, LEFT_ADDRESS).withMemory(memory),
                machine(RIGHT, 2, RIGHT_ADDRESS).withMemory(memory)))
        .withLinks(List.of(Link.create("cable", new End(LEFT, "eth0"), new End(RIGHT, "eth0"))));
  }

  /** Machines {@code vm-1}, {@code vm-2} and {@code vm-3} in {@link #HERE}, with cables between neighbours. */
  static Topology row(String id, HostUrl host, Size memory) {
    VirtualMachine first = machine("vm-1", 1, "10.0.1.1");
    VirtualMachine last = machine("vm-3", 3, "10.0.2.3");
    VirtualMachine middle =
        machine("vm-2", 2, "10.0.1.2")
            .withNics(
                List.of(
                    new Nic("eth0", "02:00:00:00:00:02", List.of(Cidr.parse("10.0.1.2/24"))),
                    new Nic("eth1", "02:00:00:00:00:04", List.of(Cidr.parse("10.0.2.2/24")))));
    return empty(id, host)
        .withNodes(List.of(first.withMemory(memory), middle.withMemory(memory), last.withMemory(memory)))
        .withLinks(
            List.of(
                Link.create("cable-1", new End("vm-1", "eth0"), new End("vm-2", "eth0")),
                Link.create("cable-2", new End("vm-2", "eth1"), new End("vm-3", "eth0"))));
  }

  /**
   * A machine with default image and memory in {@link #HERE}.
   *
   * @param number of its MAC address, 1 to 9
   */
  static VirtualMachine machine(String id, int number, String address) {
    Nic nic = new Nic("eth0", "02:00:00:00:00:0" + number, List.of(Cidr.parse(address + "/24")));
    return VirtualMachine.create(id, id, new Point(100.0 * number, 150))
        .withRegion(Optional.of(HERE))
        .withNics(List.of(nic));
  }
}
