// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.Impairment;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Rate;
import org.mobitopolo.topology.Size;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.Wan;

class LinkPlanTest {
  private static final Set<String> AES = Set.of("aes", "pclmulqdq", "ssse3", "avx", "sse2");
  private static final Link LINK = Link.create("l1", new End("x", "eth0"), new End("y", "eth0"));

  private static LinkEndpoint endpoint(String instance, String region, String hostname, Optional<String> address, Set<String> cpu) {
    String number = "10." + hostname.length() + ".0.1";
    return new LinkEndpoint(
        instance, 0, region, List.of(number + ":4000", "[fe80::1%eth0]:4000", "127.0.0.1:4000", "[::1]:4000"), address, hostname, List.of(number, "127.0.0.1"), cpu);
  }

  private static Topology topology(Wan... wans) {
    return Topology.empty("lab", "Lab").withWans(List.of(wans));
  }

  @Test
  void onOneMachineLoopbackComesFirst() {
    LinkPlan plan =
        LinkPlan.of(
            topology(), LINK, endpoint("a", "r", "box", Optional.of("127.0.0.2"), AES), endpoint("b", "r", "box", Optional.of("127.0.0.3"), AES));
    assertThat(plan.a().peers()).containsExactly("127.0.0.1:4000", "[::1]:4000", "127.0.0.3:4000", "10.3.0.1:4000");
  }

  @Test
  void betweenMachinesLoopbackIsLeftOutAndTheAddressThatSshUsedComesFirst() {
    LinkPlan plan =
        LinkPlan.of(
            topology(), LINK, endpoint("a", "r", "box", Optional.empty(), AES), endpoint("b", "r", "other", Optional.of("203.0.113.9"), AES));
    assertThat(plan.a().peers()).containsExactly("203.0.113.9:4000", "10.5.0.1:4000");
    assertThat(plan.b().peers()).containsExactly("10.3.0.1:4000");
  }

  @Test
  void anIpv6AddressIsBracketed() {
    assertThat(Peers.reachable(List.of("10.0.0.1:7"), false, Optional.of("2001:db8::5"))).containsExactly("[2001:db8::5]:7", "10.0.0.1:7");
  }

  @Test
  void theDistanceAddsItsDelayAndTheLowerRateCounts() {
    Impairment slow = Impairment.NONE.withDelay(Duration.ofMillis(5)).withRate(Rate.parse("2Mbit"), new Size(1000)).withLoss(0.01, 3);
    Impairment fast = Impairment.NONE.withRate(Rate.parse("1Gbit"), Size.ZERO);
    Wan wan = new Wan("tokyo", "florida", Duration.ofMillis(85), Rate.parse("8Mbit"));
    LinkPlan plan =
        LinkPlan.of(
            topology(wan),
            LINK.withImpairments(slow, fast),
            endpoint("a", "tokyo", "box", Optional.empty(), AES),
            endpoint("b", "florida", "box", Optional.empty(), AES));
    assertThat(plan.a().egress()).isEqualTo(new Egress(90_000, 0, "normal", 0.01, 3, 0, 0, 0, 2_000_000, 1000));
    assertThat(plan.b().egress()).isEqualTo(new Egress(85_000, 0, "normal", 0, 0, 0, 0, 0, 8_000_000, 0));
  }

  @Test
  void withinARegionTheDistanceDoesNotCount() {
    Wan wan = new Wan("tokyo", "florida", Duration.ofMillis(85), Rate.parse("8Mbit"));
    LinkPlan plan =
        LinkPlan.of(topology(wan), LINK, endpoint("a", "tokyo", "box", Optional.empty(), AES), endpoint("b", "tokyo", "box", Optional.empty(), AES));
    assertThat(plan.a().egress().delayUs()).isZero();
    assertThat(plan.a().egress().rateBps()).isZero();
  }

  @Test
  void theCipherNeedsBothCpus() {
    assertThat(LinkPlan.cipher(AES, AES)).isEqualTo("aes256gcm");
    assertThat(LinkPlan.cipher(AES, Set.of("sse2"))).isEqualTo("chacha20");
  }

  @Test
  void aKeyIsNewEachTimeAndNeverPrints() {
    SharedKey one = new SharedKey();
    assertThat(one.base64()).isNotEqualTo(new SharedKey().base64()).hasSize(44);
    assertThat(one.toString()).doesNotContain(one.base64());
  }
}
