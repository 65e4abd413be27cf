// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.mobitopolo.host.HostFacts;
import org.mobitopolo.lab.InstanceFact.Phase;
import org.mobitopolo.link.LinkPlan;
import org.mobitopolo.link.LinkRelay;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Topology;

/**
 * Wish and fact at one moment: all that the {@link Reconciler} looks at.
 *
 * @param wish what the user wants
 * @param wantedOn ids of the nodes that are to run
 * @param hosts those that answered and told what they hold
 * @param byNode all incarnations of this lab's nodes on those hosts, by node id
 * @param applied what an instance was made of, as far as it is known
 * @param told what both ends of a link were told last, by link id
 * @param relays who passes on for links whose ends do not reach each other, by link id
 * @param kept instances of removed nodes that are not to be deleted yet
 * @param held subjects that are being worked on, or whose last action failed and is not to be repeated yet
 */
record Situation(
    Wish wish,
    Set<String> wantedOn,
    Map<HostUrl, KnownHost> hosts,
    Map<String, List<InstanceFact>> byNode,
    Map<String, Node> applied,
    Map<String, LinkPlan> told,
    Map<String, LinkRelay> relays,
    Set<String> kept,
    Set<String> held) {

  /** The instances that count first come first. */
  private static final List<Phase> RANK =
      List.of(
          Phase.RUNNING, Phase.SENDING, Phase.FROZEN, Phase.BOOTING, Phase.STOPPING, Phase.PARKED, Phase.SAVED, Phase.STOPPED, Phase.CRASHED, Phase.CREATED);

  /**
   * A host that answered.
   *
   * @param address the IP address by which this computer reaches it, if that is known
   * @param topology what was put there last, if anything
   */
  record KnownHost(HostFacts facts, Optional<String> address, Optional<Topology> topology) {}

  /**
   * The incarnation, of those of one node, that is the node now; what a migration has left or not yet made does not count. Of a device two may run
   * for a moment, while another one takes its place: then that in the wished region counts.
   */
  static Optional<InstanceFact> current(Collection<InstanceFact> ofOneNode, Optional<String> wishedRegion) {
    return ofOneNode.stream()
        .filter(instance -> RANK.contains(instance.phase()))
        .min(
            Comparator.<InstanceFact>comparingInt(instance -> RANK.indexOf(instance.phase()))
                .thenComparing(instance -> !wishedRegion.equals(Optional.of(instance.region())))
                .thenComparing(InstanceFact::sinceUs, Comparator.reverseOrder()));
  }

  Topology topology() {
    return wish.topology();
  }

  /** The incarnations of a node. */
  List<InstanceFact> of(String node) {
    return byNode.getOrDefault(node, List.of());
  }

  Optional<InstanceFact> current(String node) {
    return current(of(node), wish.regionOf(node));
  }

  /** All incarnations, on all hosts. */
  Stream<InstanceFact> instances() {
    return byNode.values().stream().flatMap(List::stream);
  }
}
