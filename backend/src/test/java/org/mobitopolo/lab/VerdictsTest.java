// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mobitopolo.host.HostFacts;
import org.mobitopolo.lab.InstanceFact.Phase;
import org.mobitopolo.lab.Verdicts.Verdict;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;

class VerdictsTest {
  private static final HostUrl HERE = HostUrl.parse("ssh://here");
  private static final HostUrl THERE = HostUrl.parse("ssh://there");
  private static final HostUrl BEYOND = HostUrl.parse("ssh://beyond");
  private static final HostFacts FACTS = new HostFacts("box", "cpu", 2, Set.of("sse2"), 7, 832, 1, 1, 1, 1, 0, "6", true, 6, List.of("10.0.0.1"), 0, Duration.ZERO);
  private static final String ALONE = "";

  private final Map<HostUrl, Situation.KnownHost> hosts = new HashMap<>();
  private final List<InstanceFact> instances = new ArrayList<>();
  private final Topology topology =
      Topology.empty("lab", "Lab")
          .withRegions(
              List.of(
                  new Region("tokyo", "Tokyo", HERE, new Bounds(0, 0, 100, 100), "blue"),
                  new Region("florida", "Florida", THERE, new Bounds(400, 0, 100, 100), "red"),
                  new Region("oslo", "Oslo", BEYOND, new Bounds(800, 0, 100, 100), "teal")))
          .withNodes(List.of(VirtualMachine.create("vm", "vm", new Point(10, 10)).withRegion(Optional.of("tokyo"))));

  @BeforeEach
  void allHostsAnswer() {
    for (HostUrl host : List.of(HERE, THERE, BEYOND)) {
      hosts.put(host, new Situation.KnownHost(FACTS, Optional.empty(), Optional.of(topology)));
    }
  }

  private InstanceFact instance(String id, HostUrl host, Phase phase, Handover handover) {
    InstanceFact fact =
        new InstanceFact(
            host, id, "lab", "vm", "tokyo", "k", phase, 1, 0, "seccomp", 64, 0, 0, Optional.empty(), List.of(), Map.of(), Map.of(), Optional.empty(), Optional.ofNullable(handover));
    instances.add(fact);
    return fact;
  }

  private InstanceFact source(Phase phase, String state) {
    return instance("s", HERE, phase, new Handover(state, true, "t", "florida", false, true));
  }

  private InstanceFact target(String state, boolean ready, boolean memory) {
    return instance("t", THERE, Phase.INCOMING, new Handover(state, false, "s", "", ready, memory));
  }

  private Optional<Verdict> verdict() {
    return Verdicts.of(new Situation(Wish.of(topology), Set.of(), hosts, Map.of("vm", List.copyOf(instances)), Map.of(), Map.of(), Map.of(), Set.of(), Set.of()), "vm");
  }

  @Test
  void whatGoesItsWayIsLeftAlone() {
    source(Phase.SENDING, "source-copies");
    target("target-takes", false, true);
    assertThat(verdict()).isEmpty();
    instances.clear();
    source(Phase.HANDED_OVER, "source-lets-go");
    target("target-ready", true, true);
    assertThat(verdict()).isEmpty();
    instances.clear();
    source(Phase.HANDED_OVER, "source-passes-on");
    instance("t", THERE, Phase.RUNNING, null);
    assertThat(verdict()).isEmpty();
  }

  @Test
  void aTargetRunsOnlyIfItsSourceLetGoAndTheGuestIsWhole() {
    source(Phase.HANDED_OVER, ALONE);
    InstanceFact target = target("target-unsure", true, true);
    assertThat(verdict()).contains(new Verdict.Run(target));
    hosts.remove(HERE);
    assertThat(verdict()).contains(new Verdict.Wait(target, Set.of(HERE)));
    instances.clear();
    hosts.put(HERE, hosts.get(THERE));
    source(Phase.SENDING, "source-copies");
    target("target-unsure", true, true);
    assertThat(verdict()).isEmpty();
  }

  @Test
  void aTargetIsGivenUpWhenItsSourceGoesOnOrItsMemoryIsLost() {
    instance("s", HERE, Phase.RUNNING, null);
    InstanceFact target = target("target-unsure", true, true);
    assertThat(verdict()).contains(new Verdict.Discard(target));
    instances.clear();
    source(Phase.HANDED_OVER, ALONE);
    InstanceFact emptied = target(ALONE, true, false);
    assertThat(verdict()).contains(new Verdict.Discard(emptied));
    instances.clear();
    InstanceFact half = target(ALONE, false, true);
    hosts.remove(HERE);
    assertThat(verdict()).contains(new Verdict.Discard(half));
  }

  @Test
  void aSourceWhoseTargetIsGoneAsksWhetherItRanAndWaitsUntilThatHostAnswers() {
    InstanceFact source = source(Phase.HANDED_OVER, "source-unsure");
    assertThat(verdict()).contains(new Verdict.Ask(source, Set.of(THERE)));
    hosts.remove(BEYOND);
    assertThat(verdict()).contains(new Verdict.Ask(source, Set.of(THERE)));
    hosts.remove(THERE);
    assertThat(verdict()).contains(new Verdict.Wait(source, Set.of(THERE)));
  }

  @Test
  void aSourceIsGivenUpOnceItsTargetActedOrTheVmMovedOn() {
    InstanceFact source = source(Phase.HANDED_OVER, "source-unsure");
    instance("t", THERE, Phase.CRASHED, null);
    assertThat(verdict()).contains(new Verdict.Discard(source));
    instances.clear();
    instances.add(source);
    instance("u", BEYOND, Phase.RUNNING, null);
    hosts.remove(THERE);
    assertThat(verdict()).contains(new Verdict.Discard(source));
  }

  @Test
  void aVmWhoseSupervisorWasLostOnTheWayGoesOnWhereItIs() {
    InstanceFact parked = source(Phase.PARKED, ALONE);
    target("target-unsure", true, true);
    assertThat(verdict()).contains(new Verdict.Continue(parked));
    instances.clear();
    source(Phase.HANDED_OVER, "source-unsure");
    InstanceFact arrived = instance("t", THERE, Phase.PARKED, null);
    assertThat(verdict()).contains(new Verdict.Continue(arrived));
  }

  @Test
  void theLastCopyOfAVmWhoseSourceIsGoneRuns() {
    InstanceFact target = target("target-unsure", true, true);
    assertThat(verdict()).contains(new Verdict.Run(target));
    hosts.remove(BEYOND);
    assertThat(verdict()).contains(new Verdict.Wait(target, Set.of(BEYOND)));
  }

  @Test
  void aNodeBetweenTwoHostsIsNotMadeAnew() {
    source(Phase.HANDED_OVER, "source-unsure");
    hosts.remove(THERE);
    assertThat(Reconciler.plan(new Situation(Wish.of(topology), Set.of("vm"), hosts, Map.of("vm", List.copyOf(instances)), Map.of(), Map.of(), Map.of(), Set.of(), Set.of())))
        .noneMatch(action -> action.subject().equals("vm"));
  }
}
