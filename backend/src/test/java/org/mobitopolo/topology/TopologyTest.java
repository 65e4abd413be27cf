// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TopologyTest {

  private final Topology topology = Samples.full();

  @Test
  void theUppermostRegionAtAPointIsFound() {
    Region above = new Region("above", "Above", HostUrl.LOCAL, new Bounds(100, 100, 50, 50), "red");
    Topology overlapping =
        topology.withRegions(List.of(topology.regions().get(0), topology.regions().get(1), above));
    assertThat(overlapping.regionAt(new Point(120, 120))).contains(above);
    assertThat(overlapping.regionAt(new Point(20, 20)).map(Region::id)).contains("tokyo");
    assertThat(overlapping.regionAt(new Point(-1, 20))).isEmpty();
  }

  @Test
  void distancesHaveNoDirection() {
    assertThat(topology.wan("tokyo", "florida"))
        .isPresent()
        .isEqualTo(topology.wan("florida", "tokyo"));
    assertThat(new Wan("a", "b", Duration.ZERO, Rate.UNLIMITED))
        .isEqualTo(new Wan("b", "a", Duration.ZERO, Rate.UNLIMITED));
    assertThat(topology.wan("tokyo", "tokyo")).isEmpty();
  }

  @Test
  void linksAreFoundByNodeAndByEnd() {
    assertThat(topology.linksOf("client")).extracting(Link::id).containsExactly("l1", "l2");
    assertThat(topology.linkAt(new End("server", "eth0")).map(Link::id)).contains("l1");
    assertThat(topology.link("l1").orElseThrow().opposite("server"))
        .contains(new End("client", "eth0"));
    assertThat(topology.link("l1").orElseThrow().opposite("hub")).isEmpty();
  }

  @Test
  void generatedNamesAreFree() {
    assertThat(Ids.uniqueNodeName(topology, "fresh")).isEqualTo("fresh");
    assertThat(Ids.uniqueNodeName(topology, "client")).isEqualTo("client-2");
    Topology two =
        topology.withNodes(
            List.of(topology.nodes().get(0), topology.nodes().get(1).withName("client-2")));
    assertThat(Ids.uniqueNodeName(two, "client")).isEqualTo("client-3");
    assertThat(Ids.uniqueNodeName(two, "client-2")).isEqualTo("client-3");
    assertThat(Ids.nextNodeName(topology, "vm")).isEqualTo("vm1");
  }

  @Test
  void generatedMacAddressesAreLocalUnicastAndDiffer() {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      String mac = Ids.newMac(topology);
      assertThat(mac).startsWith("02:");
      assertThat(new Nic("eth0", mac, List.of()).mac()).isEqualTo(mac);
      seen.add(mac);
    }
    assertThat(seen).hasSizeGreaterThan(990);
  }
}
