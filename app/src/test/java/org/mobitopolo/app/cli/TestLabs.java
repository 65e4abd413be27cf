// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Nic;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Rate;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;
import org.mobitopolo.topology.Wan;

/** Labs for tests with real hosts. */
final class TestLabs {

  private TestLabs() {}

  /**
   * Machines {@code left} (10.0.0.1) and {@code right} (10.0.0.2) with a link, both in the region
   * West; East is empty.
   */
  static Topology pair(String id, HostUrl west, HostUrl east) {
    VirtualMachine left =
        VirtualMachine.create("left", "left", new Point(50, 50))
            .withRegion(Optional.of("west"))
            .withNics(
                List.of(new Nic("eth0", "02:00:00:00:01:01", List.of(Cidr.parse("10.0.0.1/24")))));
    VirtualMachine right =
        VirtualMachine.create("right", "right", new Point(150, 50))
            .withRegion(Optional.of("west"))
            .withNics(
                List.of(new Nic("eth0", "02:00:00:00:01:02", List.of(Cidr.parse("10.0.0.2/24")))));
    return Topology.empty(id, "Lab " + id)
        .withRegions(
            List.of(
                new Region("west", "West", west, new Bounds(0, 0, 200, 100), "blue"),
                new Region("east", "East", east, new Bounds(220, 0, 200, 100), "green")))
        .withNodes(List.of(left, right))
        .withLinks(List.of(Link.create("link", new End("left", "eth0"), new End("right", "eth0"))));
  }

  /** The lab with so slow a way between its regions that a migration takes minutes. */
  static Topology farApart(Topology topology) {
    return topology.withWans(
        List.of(new Wan("west", "east", Duration.ofMillis(10), Rate.parse("256kbit"))));
  }
}
