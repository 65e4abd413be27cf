// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.mobitopolo.lab.InstanceFact.Phase;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Region;

/**
 * Decides migrations that broke off between their hosts, by the records on both (protocols.md section 7). A pure function, and sound whatever the others do meanwhile: a
 * source's copy goes on only once the target's instance is gone and never ran, and a target's copy is given up only while its source has not let go, or when it can't
 * run any more. What a host must say that does not answer now is waited for.
 */
final class Verdicts {
  /** One step; the next one follows from what it leads to. */
  sealed interface Verdict {
    /** The instance that it is about. */
    InstanceFact instance();

    /** The instance takes the VM's memory that it has and goes on with it. */
    record Run(InstanceFact instance) implements Verdict {}

    /** The VM's supervisor was lost when it had just come, or had not left; it goes on where it is. */
    record Continue(InstanceFact instance) implements Verdict {}

    /** The instance is given up: the VM is elsewhere, or this copy is not whole. */
    record Discard(InstanceFact instance) implements Verdict {}

    /** The target's instance is on none of these hosts, where it was. If it never ran, the source's copy goes on, otherwise that is given up. */
    record Ask(InstanceFact instance, Set<HostUrl> targets) implements Verdict {}

    /** Nothing can be decided before these hosts answer. */
    record Wait(InstanceFact instance, Set<HostUrl> hosts) implements Verdict {}
  }

  /** What is not the VM itself, or not yet. */
  private static final Set<Phase> BETWEEN = EnumSet.of(Phase.INCOMING, Phase.HANDED_OVER, Phase.CREATED, Phase.UNKNOWN);

  private final Situation situation;
  private final List<InstanceFact> instances;

  private Verdicts(Situation situation, String node) {
    this.situation = situation;
    this.instances = situation.of(node);
  }

  /** What has to be decided about a node; nothing if all goes its way. */
  static Optional<Verdict> of(Situation situation, String node) {
    return new Verdicts(situation, node).verdict();
  }

  private Optional<Verdict> verdict() {
    List<Verdict> found = new ArrayList<>();
    for (InstanceFact instance : instances) {
      Optional<Handover> handover = instance.handover();
      if (handover.isPresent() && isKnown(instance.host())) {
        one(instance, handover.get()).ifPresent(found::add);
      }
    }
    // what can be done first
    return found.stream().filter(verdict -> !(verdict instanceof Verdict.Wait)).findFirst().or(() -> found.stream().findFirst());
  }

  private Optional<Verdict> one(InstanceFact instance, Handover handover) {
    return switch (instance.phase()) {
      case PARKED -> Optional.of(new Verdict.Continue(instance));
      case HANDED_OVER -> handover.open() ? ofSource(instance, handover) : arrived(handover);
      case INCOMING -> handover.open() ? ofTarget(instance, handover) : Optional.empty();
      default -> Optional.empty();
    };
  }

  /** As long as the source is there, a guest that lost its supervisor at the target is one that has just come. */
  private Optional<Verdict> arrived(Handover handover) {
    return find(handover.other()).filter(target -> target.phase() == Phase.PARKED && isKnown(target.host())).map(Verdict.Continue::new);
  }

  private Optional<Verdict> ofSource(InstanceFact source, Handover handover) {
    Optional<InstanceFact> target = find(handover.other());
    if (target.isPresent()) {
      return isKnown(target.get().host()) ? ofBoth(source, target.get()) : Optional.of(new Verdict.Wait(source, Set.of(target.get().host())));
    }
    if (instances.stream().anyMatch(other -> !BETWEEN.contains(other.phase()))) {
      // from its target it has moved on
      return Optional.of(new Verdict.Discard(source));
    }
    Set<HostUrl> hosts = targetHosts(handover);
    Set<HostUrl> silent = silent(hosts);
    return Optional.of(silent.isEmpty() ? new Verdict.Ask(source, hosts) : new Verdict.Wait(source, silent));
  }

  /** The source let go; what has the target done? */
  private Optional<Verdict> ofBoth(InstanceFact source, InstanceFact target) {
    if (target.phase() == Phase.PARKED) {
      return Optional.of(new Verdict.Continue(target));
    }
    if (target.phase() != Phase.INCOMING) {
      return Optional.of(new Verdict.Discard(source));
    }
    Optional<Handover> waiting = target.handover().filter(Handover::open);
    return waiting.map(taken -> taken.whole() ? new Verdict.Run(target) : new Verdict.Discard(target));
  }

  private Optional<Verdict> ofTarget(InstanceFact target, Handover handover) {
    Optional<InstanceFact> source = find(handover.other());
    boolean letGo = source.filter(instance -> instance.phase() == Phase.HANDED_OVER).isPresent();
    if (!handover.whole()) {
      return Optional.of(new Verdict.Discard(target));
    }
    if (letGo) {
      return isKnown(source.get().host()) ? ofBoth(source.get(), target) : Optional.of(new Verdict.Wait(target, Set.of(source.get().host())));
    }
    if (source.isPresent()) {
      boolean decides = source.get().phase() == Phase.SENDING || source.get().phase() == Phase.FROZEN;
      if (!isKnown(source.get().host())) {
        return Optional.of(new Verdict.Wait(target, Set.of(source.get().host())));
      }
      return decides ? Optional.empty() : Optional.of(new Verdict.Discard(target));
    }
    // Its source is gone without having let it run: the VM is elsewhere by now, or this is all that is left of it.
    Set<HostUrl> silent = silent(allHosts());
    if (!silent.isEmpty()) {
      return Optional.of(new Verdict.Wait(target, silent));
    }
    boolean elsewhere = instances.stream().anyMatch(other -> !BETWEEN.contains(other.phase()));
    return Optional.of(elsewhere ? new Verdict.Discard(target) : new Verdict.Run(target));
  }

  private Optional<InstanceFact> find(String instance) {
    return instances.stream().filter(fact -> fact.instance().equals(instance)).findFirst();
  }

  /** Where the target must be, or may be. */
  private Set<HostUrl> targetHosts(Handover handover) {
    return situation.topology().region(handover.targetRegion()).map(region -> Set.of(region.host())).orElseGet(this::allHosts);
  }

  private Set<HostUrl> allHosts() {
    return situation.topology().regions().stream().map(Region::host).collect(Collectors.toSet());
  }

  private Set<HostUrl> silent(Set<HostUrl> hosts) {
    return hosts.stream().filter(host -> !isKnown(host)).collect(Collectors.toSet());
  }

  private boolean isKnown(HostUrl host) {
    return situation.hosts().containsKey(host);
  }
}
