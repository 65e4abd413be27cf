// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mobitopolo.host.HostFacts;
import org.mobitopolo.lab.InstanceFact.Phase;
import org.mobitopolo.link.LinkPlan;
import org.mobitopolo.link.LinkRelay;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Impairment;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Nic;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Size;
import org.mobitopolo.topology.Switch;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;

class ReconcilerTest {
  private static final HostUrl HERE = HostUrl.parse("local:/here");
  private static final HostUrl THERE = HostUrl.parse("ssh://there");
  private static final HostFacts FACTS = new HostFacts("box", "cpu", 2, Set.of("sse2"), 7, 832, 1, 1, 1, 1, 0, "6", true, 6, List.of("10.0.0.1"), 0, Duration.ZERO);

  private final VirtualMachine client = vm("client", "tokyo", 1);
  private final VirtualMachine server = vm("server", "tokyo", 2);
  private final Link link = Link.create("l1", new End("client", "eth0"), new End("server", "eth0"));
  private final Set<String> on = new HashSet<>();
  private final Map<HostUrl, Situation.KnownHost> hosts = new HashMap<>();
  private final List<InstanceFact> instances = new ArrayList<>();
  private final Map<String, Node> applied = new HashMap<>();
  private final Map<String, LinkPlan> told = new HashMap<>();
  private final Map<String, LinkRelay> relays = new HashMap<>();
  private final Set<String> kept = new HashSet<>();
  private final Set<String> held = new HashSet<>();
  private Topology topology =
      Topology.empty("lab", "Lab")
          .withRegions(
              List.of(
                  new Region("tokyo", "Tokyo", HERE, new Bounds(0, 0, 100, 100), "blue"),
                  new Region("kyoto", "Kyoto", HERE, new Bounds(200, 0, 100, 100), "teal"),
                  new Region("florida", "Florida", THERE, new Bounds(400, 0, 100, 100), "red")))
          .withNodes(List.of(client, server))
          .withLinks(List.of(link));

  private static VirtualMachine vm(String id, String region, int number) {
    return VirtualMachine.create(id, id, new Point(10, 10))
        .withRegion(Optional.of(region))
        .withNics(List.of(new Nic("eth0", "02:00:00:00:00:0" + number, List.of(Cidr.parse("10.0.0." + number + "/24")))));
  }

  private static InstanceFact instance(String id, String node, HostUrl host, String region, Phase phase) {
    return new InstanceFact(
        host, id, "lab", node, region, "k", phase, 1, 0, "seccomp", 64, 0, 0, Optional.empty(), List.of("127.0.0.1:" + (4000 + id.hashCode() % 1000)), Map.of(), Map.of(), Optional.empty(), Optional.empty());
  }

  @BeforeEach
  void bothHostsAreKnown() {
    knows(HERE);
    knows(THERE);
  }

  private void knows(HostUrl host) {
    hosts.put(host, new Situation.KnownHost(FACTS, Optional.empty(), Optional.of(topology)));
  }

  /** Changes the wish; the hosts keep it already, so that nothing but what is under test is due. */
  private void wish(Topology next) {
    topology = next;
    Set.copyOf(hosts.keySet()).forEach(this::knows);
  }

  private List<Action> plan() {
    return Reconciler.plan(situation());
  }

  private Situation situation() {
    Map<String, List<InstanceFact>> byNode = instances.stream().collect(Collectors.groupingBy(InstanceFact::node));
    return new Situation(Wish.of(topology), on, hosts, byNode, applied, told, relays, kept, held);
  }

  private void bothRun() {
    on.addAll(Set.of("client", "server"));
    instances.add(instance("c1", "client", HERE, "tokyo", Phase.RUNNING));
    instances.add(instance("s1", "server", HERE, "tokyo", Phase.RUNNING));
    told.put("l1", Reconciler.linkPlan(situation(), link).orElseThrow());
  }

  private void replace(String id, InstanceFact next) {
    instances.removeIf(instance -> instance.instance().equals(id));
    instances.add(next);
  }

  @Test
  void nothingIsDoneForNodesThatNobodyStarted() {
    assertThat(plan()).isEmpty();
  }

  @Test
  void aStartedNodeIsCreatedThenBootedThenLinked() {
    on.addAll(Set.of("client", "server"));
    assertThat(plan()).containsExactly(new Action.Create(client, HERE, "tokyo"), new Action.Create(server, HERE, "tokyo"));

    InstanceFact created = instance("c1", "client", HERE, "tokyo", Phase.CREATED);
    instances.add(created);
    held.add("server");
    assertThat(plan()).containsExactly(new Action.Boot(client, created));

    held.clear();
    replace("c1", instance("c1", "client", HERE, "tokyo", Phase.BOOTING));
    instances.add(instance("s1", "server", HERE, "tokyo", Phase.RUNNING));
    assertThat(plan()).hasSize(1).first().isInstanceOf(Action.SetLink.class);
  }

  @Test
  void whatAgreesNeedsNothing() {
    bothRun();
    assertThat(plan()).isEmpty();
  }

  @Test
  void aHostThatHasNotAnsweredIsLeftAlone() {
    bothRun();
    hosts.remove(HERE);
    on.clear();
    wish(topology.withNodes(List.of()));
    assertThat(plan()).isEmpty();
  }

  @Test
  void draggingARunningVmToAnotherRegionMigratesIt() {
    bothRun();
    wish(topology.withNodes(List.of(client.withRegion(Optional.of("florida")), server)));
    assertThat(plan())
        .containsExactly(new Action.Move(client.withRegion(Optional.of("florida")), instances.getFirst(), "florida", THERE));
  }

  @Test
  void anotherRegionOfTheSameHostIsAMigrationAsWell() {
    bothRun();
    wish(topology.withNodes(List.of(client.withRegion(Optional.of("kyoto")), server)));
    assertThat(plan()).hasSize(1).first().isInstanceOfSatisfying(Action.Move.class, move -> assertThat(move.toHost()).isEqualTo(HERE));
  }

  @Test
  void aVmThatStillBootsIsMovedLater() {
    bothRun();
    replace("c1", instance("c1", "client", HERE, "tokyo", Phase.BOOTING));
    wish(topology.withNodes(List.of(client.withRegion(Optional.of("florida")), server)));
    assertThat(plan()).noneMatch(Action.Move.class::isInstance);
  }

  @Test
  void aTargetThatHasNotAnsweredIsWaitedFor() {
    bothRun();
    hosts.remove(THERE);
    wish(topology.withNodes(List.of(client.withRegion(Optional.of("florida")), server)));
    assertThat(plan()).isEmpty();
  }

  @Test
  void linksFollowAMigratedVmWithTheirKey() {
    bothRun();
    LinkPlan before = told.get("l1");
    instances.add(instance("c2", "client", THERE, "florida", Phase.RUNNING));
    replace("c1", instance("c1", "client", HERE, "tokyo", Phase.HANDED_OVER));
    wish(topology.withNodes(List.of(client.withRegion(Optional.of("florida")), server)));
    assertThat(plan())
        .singleElement()
        .isInstanceOfSatisfying(
            Action.SetLink.class,
            set -> {
              assertThat(set.plan().a().instance()).isEqualTo("c2");
              assertThat(set.plan().b().instance()).isEqualTo("s1");
              assertThat(set.plan().b().peers()).isNotEqualTo(before.b().peers());
            });
  }

  @Test
  void theSourceOfAMigrationCleansUpByItself() {
    bothRun();
    instances.add(instance("c2", "client", THERE, "florida", Phase.RUNNING));
    replace("c1", instance("c1", "client", HERE, "tokyo", Phase.HANDED_OVER));
    wish(topology.withNodes(List.of(client.withRegion(Optional.of("florida")), server)));
    assertThat(plan()).noneMatch(action -> action instanceof Action.Delete || action instanceof Action.Stop);
  }

  @Test
  void aRemovedNodeIsStoppedThenDeleted() {
    bothRun();
    wish(topology.withNodes(List.of(client)).withLinks(List.of()));
    assertThat(plan()).containsExactly(new Action.Stop("server", instances.get(1)));
    InstanceFact stopped = instance("s1", "server", HERE, "tokyo", Phase.STOPPED);
    replace("s1", stopped);
    kept.add("s1");
    assertThat(plan()).isEmpty();
    kept.clear();
    assertThat(plan()).containsExactly(new Action.Delete("server", stopped));
  }

  @Test
  void aStoppedNodeKeepsItsInstance() {
    bothRun();
    on.remove("client");
    assertThat(plan()).containsExactly(new Action.Stop("client", instances.getFirst()));
    replace("c1", instance("c1", "client", HERE, "tokyo", Phase.STOPPED));
    assertThat(plan()).isEmpty();
  }

  @Test
  void changedImpairmentsAreToldToBothEnds() {
    bothRun();
    Link slow = link.withImpairments(Impairment.NONE.withDelay(Duration.ofMillis(20)), Impairment.NONE);
    wish(topology.withLinks(List.of(slow)));
    assertThat(plan())
        .singleElement()
        .isInstanceOfSatisfying(Action.SetLink.class, set -> assertThat(set.plan().a().egress().delayUs()).isEqualTo(20_000));
  }

  @Test
  void aRemovedLinkIsUnplugged() {
    bothRun();
    InstanceFact plugged =
        new InstanceFact(
            HERE, "c1", "lab", "client", "tokyo", "k", Phase.RUNNING, 1, 0, "seccomp", 64, 0, 0, Optional.empty(), List.of("127.0.0.1:1"), Map.of(0, "l1"), Map.of(0, new InstanceFact.KeyMark("k", 1)), Optional.empty(), Optional.empty());
    replace("c1", plugged);
    wish(topology.withLinks(List.of()));
    assertThat(plan()).containsExactly(new Action.ClearLink(plugged, 0, "l1"));
  }

  @Test
  void aNicThatHasAnotherLinkByNowIsNotUnplugged() {
    bothRun();
    InstanceFact plugged =
        new InstanceFact(
            HERE, "c1", "lab", "client", "tokyo", "k", Phase.RUNNING, 1, 0, "seccomp", 64, 0, 0, Optional.empty(), List.of("127.0.0.1:1"), Map.of(0, "old"), Map.of(0, new InstanceFact.KeyMark("k", 1)), Optional.empty(), Optional.empty());
    replace("c1", plugged);
    assertThat(plan()).noneMatch(Action.ClearLink.class::isInstance);
  }

  @Test
  void changedAddressesAreToldToTheRunningGuest() {
    bothRun();
    applied.put("c1", client);
    VirtualMachine changed = client.withNics(List.of(client.nics().getFirst().withAddresses(List.of(Cidr.parse("10.0.0.9/24")))));
    wish(topology.withNodes(List.of(changed, server)));
    assertThat(plan()).containsExactly(new Action.Rescript(changed, instances.getFirst()));
  }

  @Test
  void changedMemoryWaitsForTheNextStart() {
    bothRun();
    applied.put("c1", client);
    VirtualMachine changed = client.withMemory(Size.ofMiB(128));
    wish(topology.withNodes(List.of(changed, server)));
    assertThat(plan()).isEmpty();
    InstanceFact stopped = instance("c1", "client", HERE, "tokyo", Phase.STOPPED);
    replace("c1", stopped);
    assertThat(plan()).containsExactly(new Action.Reconfigure(changed, stopped, "tokyo"));
  }

  @Test
  void anotherImageMeansANewDisk() {
    on.add("client");
    InstanceFact stopped = instance("c1", "client", HERE, "tokyo", Phase.STOPPED);
    instances.add(stopped);
    applied.put("c1", client.withImage("other"));
    assertThat(plan()).containsExactly(new Action.Delete("client", stopped));
  }

  @Test
  void aStoppedVmWhoseRegionIsElsewhereBootsWhereItsDiskIsAndMovesThen() {
    on.add("client");
    InstanceFact stopped = instance("c1", "client", HERE, "tokyo", Phase.STOPPED);
    instances.add(stopped);
    wish(topology.withNodes(List.of(client.withRegion(Optional.of("florida")), server)));
    assertThat(plan()).containsExactly(new Action.Boot(client.withRegion(Optional.of("florida")), stopped));
  }

  @Test
  void aVmThatNeverRanIsSimplyMadeAnewElsewhere() {
    on.add("client");
    InstanceFact created = instance("c1", "client", HERE, "tokyo", Phase.CREATED);
    instances.add(created);
    wish(topology.withNodes(List.of(client.withRegion(Optional.of("florida")), server)));
    assertThat(plan()).containsExactly(new Action.Delete("client", created));
  }

  @Test
  void hostsThatHoldSomethingKeepTheTopology() {
    bothRun();
    topology = topology.withName("Renamed");
    assertThat(plan()).containsExactly(new Action.PutTopology(HERE));
  }

  @Test
  void inALargeLabSomeHostsKeepTheTopologyForAll() {
    List<Region> regions = new ArrayList<>();
    List<Node> nodes = new ArrayList<>();
    for (int number = 0; number < 20; number++) {
      HostUrl host = HostUrl.parse("ssh://node" + (char) ('a' + number));
      regions.add(new Region("r" + number, "Region " + number, host, new Bounds(number * 200.0, 0, 100, 100), "blue"));
      nodes.add(vm("v" + number, "r" + number, 1));
      instances.add(instance("i" + number, "v" + number, host, "r" + number, Phase.RUNNING));
      hosts.put(host, new Situation.KnownHost(FACTS, Optional.empty(), Optional.empty()));
      on.add("v" + number);
    }
    topology = Topology.empty("lab", "Lab").withRegions(regions).withNodes(nodes);
    assertThat(plan()).hasSize(Reconciler.MOST_COPIES).contains(new Action.PutTopology(HostUrl.parse("ssh://nodea"))).allMatch(Action.PutTopology.class::isInstance);

    // one that has it keeps having the newest
    HostUrl last = HostUrl.parse("ssh://nodet");
    hosts.put(last, new Situation.KnownHost(FACTS, Optional.empty(), Optional.of(topology.withName("Before"))));
    assertThat(plan()).hasSize(Reconciler.MOST_COPIES).contains(new Action.PutTopology(last));
  }

  @Test
  void whatIsWorkedOnIsLeftAlone() {
    on.addAll(Set.of("client", "server"));
    held.add("client");
    assertThat(plan()).containsExactly(new Action.Create(server, HERE, "tokyo"));
  }

  private Switch hub(String region, int ports) {
    List<Nic> nics = new ArrayList<>();
    for (int port = 0; port < ports; port++) {
      nics.add(new Nic("port" + port, String.format("02:00:00:00:01:%02x", port), List.of()));
    }
    return new Switch("hub", "hub", Optional.of(region), new Point(10, 10), nics);
  }

  private void wishHub(Switch hub) {
    wish(
        topology
            .withNodes(List.of(client, server, hub))
            .withLinks(
                List.of(
                    Link.create("l1", new End("client", "eth0"), new End("hub", "port0")), Link.create("l2", new End("server", "eth0"), new End("hub", "port1")))));
  }

  @Test
  void aSwitchRunsAsSoonAsAVmReachesItAndStaysOffOnceStopped() {
    Switch hub = hub("tokyo", 2);
    wishHub(hub);
    assertThat(plan()).isEmpty();

    on.add("client");
    held.add("client");
    assertThat(plan()).containsExactly(new Action.Create(hub, HERE, "tokyo"));
    instances.add(instance("h1", "hub", HERE, "tokyo", Phase.CREATED));
    assertThat(plan()).containsExactly(new Action.Boot(hub, instances.getLast()));

    replace("h1", instance("h1", "hub", HERE, "tokyo", Phase.STOPPED));
    assertThat(plan()).isEmpty();
    on.add("hub");
    assertThat(plan()).containsExactly(new Action.Boot(hub, instances.getLast()));
    on.remove("hub");
    replace("h1", instance("h1", "hub", HERE, "tokyo", Phase.RUNNING));
    assertThat(plan()).containsExactly(new Action.Stop("hub", instances.getLast()));
  }

  @Test
  void aSwitchMovesByMakingAnotherOneAndTheOldOneGoesOnceNoLinkLeadsThere() {
    bothRun();
    Switch hub = hub("tokyo", 2);
    wishHub(hub);
    on.add("hub");
    InstanceFact old = instance("h1", "hub", HERE, "tokyo", Phase.RUNNING);
    instances.add(old);
    told.clear();
    topology.links().forEach(each -> told.put(each.id(), Reconciler.linkPlan(situation(), each).orElseThrow()));
    assertThat(plan()).isEmpty();

    Switch moved = hub("florida", 2);
    wishHub(moved);
    assertThat(plan()).containsExactly(new Action.Create(moved, THERE, "florida"));
    instances.add(instance("h2", "hub", THERE, "florida", Phase.CREATED));
    assertThat(plan()).containsExactly(new Action.Boot(moved, instances.getLast()));
    replace("h2", instance("h2", "hub", THERE, "florida", Phase.RUNNING));
    assertThat(plan()).hasSize(2).allMatch(action -> action instanceof Action.SetLink set && set.plan().b().instance().equals("h2"));
    topology.links().forEach(each -> told.put(each.id(), Reconciler.linkPlan(situation(), each).orElseThrow()));
    assertThat(plan()).containsExactly(new Action.Stop("hub", old));
    replace("h1", instance("h1", "hub", HERE, "tokyo", Phase.STOPPED));
    assertThat(plan()).containsExactly(new Action.Delete("hub", instances.getLast()));
  }

  @Test
  void aRemovedSwitchIsNotKeptSoThatItRunsAgainAfterAnUndo() {
    Topology without = topology;
    on.add("client");
    held.add("client");
    instances.add(instance("h1", "hub", HERE, "tokyo", Phase.STOPPED));
    applied.put("h1", hub("tokyo", 2));
    kept.add("h1");
    wish(without);
    assertThat(plan()).containsExactly(new Action.Delete("hub", instances.getLast()));
    instances.removeLast();
    wishHub(hub("tokyo", 2));
    assertThat(plan()).containsExactly(new Action.Create(hub("tokyo", 2), HERE, "tokyo"));
  }

  @Test
  void aSwitchIsMadeAnewWhenItNeedsMorePortsThanItHas() {
    wishHub(hub("tokyo", 2));
    on.add("hub");
    instances.add(instance("h1", "hub", HERE, "tokyo", Phase.RUNNING));
    applied.put("h1", hub("tokyo", 2));
    wishHub(hub("tokyo", 16));
    assertThat(plan()).isEmpty();
    wishHub(hub("tokyo", 17));
    assertThat(plan()).containsExactly(new Action.Create(hub("tokyo", 17), HERE, "tokyo"));
  }
}
