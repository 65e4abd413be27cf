// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.link;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.Wan;

/**
 * What both ends of a link must be told, but for the key. Two equal plans need no telling.
 *
 * @param link id
 * @param cipher {@code aes256gcm} where both CPUs are quick at it, else {@code chacha20}
 * @param relay who passes datagrams on while no direct way is found
 */
public record LinkPlan(String link, String cipher, Side a, Side b, Optional<LinkRelay> relay) {
  private static final Set<String> AES = Set.of("aes", "pclmulqdq", "ssse3", "avx");

  /**
   * One end.
   *
   * @param peers where the other end may be reached, best first
   */
  public record Side(String instance, int nic, List<String> peers, Egress egress) {}

  /** The plan for a link whose ends are where they are now. */
  public static LinkPlan of(Topology topology, Link link, LinkEndpoint a, LinkEndpoint b) {
    Optional<Wan> wan = a.region().equals(b.region()) ? Optional.empty() : topology.wan(a.region(), b.region());
    boolean sameMachine = a.sameMachine(b);
    return new LinkPlan(
        link.id(),
        cipher(a.cpuFeatures(), b.cpuFeatures()),
        new Side(a.instance(), a.nic(), Peers.reachable(b.udp(), sameMachine, b.address()), Egress.of(link.ab(), wan)),
        new Side(b.instance(), b.nic(), Peers.reachable(a.udp(), sameMachine, a.address()), Egress.of(link.ba(), wan)),
        Optional.empty());
  }

  /** The same with a relay. */
  public LinkPlan withRelay(Optional<LinkRelay> by) {
    return new LinkPlan(link, cipher, a, b, by);
  }

  /** The cipher for two hosts with these CPU features. */
  public static String cipher(Set<String> one, Set<String> other) {
    return one.containsAll(AES) && other.containsAll(AES) ? "aes256gcm" : "chacha20";
  }
}
