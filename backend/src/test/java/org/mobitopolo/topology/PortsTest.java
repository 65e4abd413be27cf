// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class PortsTest {
  private static final List<Nic> PORTS =
      List.of(
          new Nic("port0", "02:00:00:00:00:01", List.of()),
          new Nic("port1", "02:00:00:00:00:02", List.of()));

  private final Node hub = new Switch("hub", "hub", Optional.empty(), new Point(0, 0), PORTS);
  private final Node out = new Gateway("out", "out", Optional.empty(), new Point(0, 0), PORTS);

  @Test
  void portsThatAreNamedGiveAccessToTheirVlanAndTheOthersCarryAll() {
    Node changed = Ports.withVlans(hub, "\n port1   20 \n");
    assertThat(changed.nics().get(0).vlan()).isEmpty();
    assertThat(changed.nics().get(1).vlan()).isEqualTo(OptionalInt.of(20));
    assertThat(Ports.withVlans(changed, "")).isEqualTo(hub);
  }

  @Test
  void linesThatAreNoPortAndVlanAreRefused() {
    assertThatThrownBy(() -> Ports.withVlans(hub, "port7 10")).hasMessageContaining("port7");
    assertThatThrownBy(() -> Ports.withVlans(hub, "port0 ten")).hasMessageContaining("port0 10");
    assertThatThrownBy(() -> Ports.withVlans(hub, "10")).hasMessageContaining("port0 10");
  }

  @Test
  void theFirstPortHoldsTheGatewaysAddress() {
    Node changed = Ports.withAddress(out, "10.9.0.1/24");
    assertThat(changed.nics().get(0).addresses()).containsExactly(Cidr.parse("10.9.0.1/24"));
    assertThat(Ports.withAddress(changed, "")).isEqualTo(out);
    assertThatThrownBy(() -> Ports.withAddress(out.withNics(List.of()), "10.9.0.1/24"))
        .hasMessageContaining("Draw a link");
  }
}
