// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.mobitopolo.host.Agent;
import org.mobitopolo.host.Host;
import org.mobitopolo.host.HostState;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.lab.BaseImage.Coming;
import org.mobitopolo.lab.InstanceFact.KeyMark;
import org.mobitopolo.lab.InstanceFact.Phase;
import org.mobitopolo.link.Keying;
import org.mobitopolo.link.LinkPlan;
import org.mobitopolo.link.LinkRelay;
import org.mobitopolo.link.Peers;
import org.mobitopolo.link.SharedKey;
import org.mobitopolo.migration.Migration;
import org.mobitopolo.migration.MigrationLimits;
import org.mobitopolo.migration.MigrationProgress;
import org.mobitopolo.task.LabException;
import org.mobitopolo.task.Task;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;
import tools.jackson.databind.JsonNode;

/**
 * Wish, fact and work in progress of one lab. Each method is one step that leaves everything consistent; none waits but
 * {@link #await}. Several desktops may look after one lab: what changes on a host without this one's doing becomes this one's wish as well,
 * so that they never fight.
 */
final class LabModel {
  private static final long RETRY_NANOS = 3_000_000_000L;
  private static final long TORN_NANOS = 3_000_000_000L;

  /** A host of this lab. */
  private static final class HostEntry {
    final Host host;
    Agent agent;
    boolean known;
    boolean answered;
    Topology topology;

    HostEntry(Host host) {
      this.host = host;
    }
  }

  /** What is being done with a subject. */
  private record Work(Action action, String phase, OptionalDouble progress, Task task) {}

  private final Hosts hosts;
  private final Runnable changed;
  private final Runnable measured;
  private Topology topology;
  private Wish wish;
  private boolean destroying;
  private int holds;
  private boolean closed;
  private final Set<String> wantedOn = new HashSet<>();
  private final Map<String, Long> graceMs = new HashMap<>();
  private final Map<HostUrl, HostEntry> entries = new LinkedHashMap<>();
  /** The hosts that keep the topology, or are about to. */
  private final Set<HostUrl> copies = new HashSet<>();
  private final Map<String, InstanceFact> instances = new LinkedHashMap<>();
  private final Map<String, List<InstanceFact>> byNode = new HashMap<>();
  /** When an instance's node was first seen to be missing in the topology. */
  private final Map<String, Long> removedSince = new HashMap<>();
  private long keepRemovedNanos;
  private Supplier<MigrationLimits> migrationLimits = () -> MigrationLimits.DEFAULT;
  private final Map<String, Node> applied = new HashMap<>();
  private final Map<String, Work> works = new HashMap<>();
  private final Map<String, Long> retryAt = new HashMap<>();
  private final Map<String, String> errors = new HashMap<>();
  private final Map<String, MigrationProgress> migrations = new HashMap<>();
  /** Each node's incarnation that ran last, as far as it is known. */
  private final Map<String, InstanceFact> lastLive = new HashMap<>();
  /** Nodes whose move ended while nobody could say where they are: the wish is then wherever they come up. */
  private final Set<String> lostOnTheWay = new HashSet<>();
  private final Map<String, Point> agreedPositions = new HashMap<>();
  private final Map<String, LinkPlan> told = new HashMap<>();
  /** Links that had a plan which no longer held: what their ends have is of another place, so it is not adopted. */
  private final Set<String> outdated = new HashSet<>();
  /** Links that were told once: from then on only what was told counts, not what is found. */
  private final Set<String> toldOnce = new HashSet<>();
  /** When the ends of a link that was told were first seen to have different keys. */
  private final Map<String, Long> tornSince = new HashMap<>();
  private final LinkMeter meter = new LinkMeter();
  private final RelayBook relayBook = new RelayBook();
  /** What this program brings to hosts just now. */
  private final Map<ImageOnHost, Coming> comings = new HashMap<>();
  private long failures;
  private LabException lastFailure;

  /**
   * @param changed called after each step, with this object locked: must return soon and must not wait
   * @param measured called instead after a step that gives nothing to do, only to show
   */
  LabModel(Topology topology, Hosts hosts, Runnable changed, Runnable measured) {
    this.hosts = hosts;
    this.changed = changed;
    this.measured = measured;
    wish(topology);
  }

  private void step() {
    notifyAll();
    changed.run();
  }

  private void shown() {
    notifyAll();
    measured.run();
  }

  private void wish(Topology next) {
    topology = next;
    wish = Wish.of(next);
  }

  // The wish

  synchronized Topology topology() {
    return topology;
  }

  synchronized Topology update(UnaryOperator<Topology> change) {
    Topology next = change.apply(topology);
    if (!next.equals(topology)) {
      wish(next);
      retryAt.clear();
      step();
    }
    return next;
  }

  synchronized void limitMigrations(Supplier<MigrationLimits> limits) {
    migrationLimits = limits;
  }

  synchronized MigrationLimits migrationLimits() {
    return migrationLimits.get();
  }

  synchronized void keepRemoved(Duration time) {
    keepRemovedNanos = time.toNanos();
    step();
  }

  synchronized void wantOn(Collection<String> nodes) {
    wantedOn.addAll(nodes);
    nodes.forEach(errors::remove);
    nodes.forEach(retryAt::remove);
    step();
  }

  /** With VMs that go off go the devices that no other VM uses. */
  synchronized void wantOff(Collection<String> nodes, long grace) {
    Set<String> used = Devices.inUse(topology, wantedOn);
    nodes.forEach(wantedOn::remove);
    used.removeAll(Devices.inUse(topology, wantedOn));
    wantedOn.removeAll(used);
    nodes.forEach(node -> graceMs.put(node, grace));
    nodes.forEach(retryAt::remove);
    step();
  }

  synchronized boolean isWantedOn(String node) {
    return wantedOn.contains(node);
  }

  synchronized long graceMs(String node) {
    return graceMs.getOrDefault(node, LabActions.DEFAULT_GRACE_MS);
  }

  /** The hosts of the regions, and those that still hold something of this lab. */
  synchronized Set<HostUrl> wantedHosts() {
    Set<HostUrl> wanted = new HashSet<>();
    topology.regions().forEach(region -> wanted.add(region.host()));
    instances.values().forEach(instance -> wanted.add(instance.host()));
    return wanted;
  }

  // Hosts

  /** False if the host is known already. */
  synchronized boolean addHost(Host host) {
    return entries.putIfAbsent(host.url(), new HostEntry(host)) == null;
  }

  synchronized Set<HostUrl> hostUrls() {
    return Set.copyOf(entries.keySet());
  }

  synchronized void hostConnected(HostUrl url, Agent agent) {
    HostEntry entry = entries.get(url);
    entry.agent = agent;
    entry.known = false;
    retryAt.clear();
    step();
  }

  synchronized void hostLost(HostUrl url) {
    HostEntry entry = entries.get(url);
    entry.agent = null;
    entry.known = false;
    entry.answered = true;
    step();
  }

  /** What the host keeps as this lab's topology. Equal ones become one object, so that comparing them costs nothing later. */
  synchronized void hostTopology(HostUrl url, Optional<Topology> stored) {
    entries.get(url).topology =
        stored.map(read -> Stream.concat(Stream.of(topology), storedTopologies().stream()).filter(read::equals).findFirst().orElse(read)).orElse(null);
    step();
  }

  /** Whether the topology is to be put on a host before anything is made there: it is not there, and enough other hosts don't have it yet. */
  synchronized boolean lacksCopy(HostUrl url) {
    entries.values().stream().filter(entry -> entry.topology != null).forEach(entry -> copies.add(entry.host.url()));
    if (!copies.contains(url) && copies.size() >= Reconciler.MOST_COPIES) {
      return false;
    }
    copies.add(url);
    return entries.get(url).topology == null;
  }

  /** The whole list of this lab's instances on a host; what is not in it is gone. */
  synchronized void hostListed(HostUrl url, Agent agent, List<InstanceFact> listed) {
    HostEntry entry = entries.get(url);
    if (entry.agent != agent) {
      return;
    }
    Set<String> there = new HashSet<>();
    listed.forEach(fact -> there.add(fact.instance()));
    for (InstanceFact old : List.copyOf(instances.values())) {
      if (old.host().equals(url) && !there.contains(old.instance())) {
        forget(old);
      }
    }
    for (InstanceFact fact : listed) {
      accept(fact);
      if (entry.topology != null && entry.topology.node(fact.node()).isPresent()) {
        applied.putIfAbsent(fact.instance(), entry.topology.node(fact.node()).get());
      }
    }
    entry.known = true;
    entry.answered = true;
    step();
  }

  synchronized boolean connected(HostUrl url) {
    return entries.containsKey(url) && entries.get(url).known;
  }

  synchronized boolean allAnswered() {
    return entries.values().stream().allMatch(entry -> entry.answered);
  }

  /**
   * The agent of a host.
   *
   * @throws LabException if there is no connection now
   */
  synchronized Agent agent(HostUrl url) {
    HostEntry entry = entries.get(url);
    if (entry == null || entry.agent == null) {
      throw (entry == null ? hosts.host(url) : entry.host)
          .state()
          .failure()
          .orElseGet(
              () ->
                  new LabException.HostUnreachable(
                      url.displayName() + " is not connected.", "What runs there goes on.", "Wait until the connection is there.", null));
    }
    return entry.agent;
  }

  // Facts

  synchronized void status(InstanceFact fact) {
    accept(fact);
    step();
  }

  synchronized void gone(String instance) {
    InstanceFact fact = instances.get(instance);
    if (fact != null) {
      forget(fact);
      step();
    }
  }

  private void forget(InstanceFact fact) {
    boolean wasCurrent = current(fact.node()).filter(fact::equals).isPresent();
    instances.remove(fact.instance());
    index(fact.node());
    applied.remove(fact.instance());
    untell(fact.instance());
    if (wasCurrent && fact.live() && !moving(fact.node()) && current(fact.node()).isEmpty()) {
      wantedOn.remove(fact.node());
      meter.forget(fact.node());
    }
    if (wasCurrent && isDevice(fact.node())) {
      current(fact.node()).filter(InstanceFact::live).ifPresent(now -> follow(Optional.of(fact), now));
    }
  }

  private void index(String node) {
    List<InstanceFact> ofNode = instances.values().stream().filter(instance -> instance.node().equals(node)).toList();
    if (ofNode.isEmpty()) {
      byNode.remove(node);
    } else {
      byNode.put(node, ofNode);
    }
  }

  private void accept(InstanceFact fact) {
    // on its way a node is nowhere for a moment, if the source's word comes before the target's
    Optional<InstanceFact> before = current(fact.node()).or(() -> Optional.ofNullable(lastLive.get(fact.node())));
    InstanceFact last = instances.put(fact.instance(), fact);
    index(fact.node());
    boolean wasLive = last != null && last.live();
    if (!fact.live()) {
      untell(fact.instance());
    }
    Optional<InstanceFact> now = current(fact.node());
    now.filter(InstanceFact::live).ifPresent(live -> lastLive.put(fact.node(), live));
    if (fact.live() && !wasLive && !stopping(fact.node()) && wish.nodes().containsKey(fact.node()) && !destroying) {
      wantedOn.add(fact.node());
    }
    if (wasLive && fact.phase().off() && !moving(fact.node()) && now.filter(InstanceFact::live).isEmpty()) {
      wantedOn.remove(fact.node());
      meter.forget(fact.node());
    }
    if (fact.phase() == Phase.CRASHED && now.filter(fact::equals).isPresent()) {
      fact.error().ifPresent(error -> errors.put(fact.node(), error));
    }
    now.ifPresent(instance -> follow(before, instance));
  }

  /** A VM that another desktop moved: the wish follows, if it was fulfilled before. */
  private void follow(Optional<InstanceFact> before, InstanceFact now) {
    Optional<Node> node = wish.node(now.node());
    if (node.isEmpty() || moving(now.node())) {
      return;
    }
    if (now.live() && lostOnTheWay.remove(now.node())) {
      putInto(now.node(), now.region());
    }
    String wished = wish.regionOf(now.node()).orElse("");
    if (wished.equals(now.region())) {
      agreedPositions.put(now.node(), node.get().position());
    } else if (before.filter(instance -> instance.region().equals(wished)).isPresent()
        && now.live()
        && wish.regions().containsKey(now.region())) {
      putInto(now.node(), now.region());
    }
  }

  /** Changes the wish so that a node is in that region; it gets the place that it had there last, or the region's middle. */
  private void putInto(String nodeId, String regionId) {
    Optional<Region> region = wish.region(regionId);
    List<Node> nodes = new ArrayList<>();
    for (Node node : topology.nodes()) {
      if (node.id().equals(nodeId) && region.isPresent()) {
        Node moved = node.withRegion(Optional.of(regionId));
        Point place = agreedPositions.get(nodeId);
        if (place != null && region.get().bounds().contains(place)) {
          moved = moved.withPosition(place);
        } else if (!region.get().bounds().contains(node.position())) {
          moved = moved.withPosition(region.get().bounds().centre());
        }
        nodes.add(moved);
      } else {
        nodes.add(node);
      }
    }
    wish(topology.withNodes(nodes));
  }

  synchronized void place(String nodeId, String regionId) {
    agreedPositions.remove(nodeId);
    putInto(nodeId, regionId);
    errors.remove(nodeId);
    retryAt.clear();
    step();
  }

  /** Plans that name this instance hold no longer; their links are told anew wherever their nodes are next. */
  private void untell(String instance) {
    List<String> links = told.values().stream().filter(plan -> mentions(plan, instance)).map(LinkPlan::link).toList();
    outdated.addAll(links);
    links.forEach(told::remove);
  }

  private static boolean mentions(LinkPlan plan, String instance) {
    return plan.a().instance().equals(instance) || plan.b().instance().equals(instance);
  }

  synchronized void links(JsonNode event) {
    InstanceFact fact = instances.get(event.path("instance").asString(""));
    if (fact != null && current(fact.node()).filter(now -> now.instance().equals(fact.instance())).isPresent()) {
      meter.accept(fact.node(), event);
      shown();
    }
  }

  synchronized void migrationEvent(JsonNode event) {
    String id = event.path("migration").asString("");
    for (Map.Entry<String, MigrationProgress> entry : migrations.entrySet()) {
      if (entry.getValue().migration().equals(id)) {
        entry.setValue(Migration.progress(entry.getValue(), event));
        shown();
        return;
      }
    }
    InstanceFact fact = instances.get(event.path("instance").asString(""));
    if (fact != null) {
      migrations.put(fact.node(), Migration.progress(MigrationProgress.begun(id, fact.region(), ""), event));
      shown();
    }
  }

  synchronized void migration(String node, MigrationProgress progress) {
    migrations.put(node, progress);
    shown();
  }

  synchronized MigrationProgress migration(String node) {
    return migrations.get(node);
  }

  synchronized Optional<InstanceFact> current(String node) {
    return Situation.current(byNode.getOrDefault(node, List.of()), wish.regionOf(node));
  }

  synchronized Optional<InstanceFact> instance(String instance) {
    return Optional.ofNullable(instances.get(instance));
  }

  synchronized List<InstanceFact> instances() {
    return List.copyOf(instances.values());
  }

  synchronized void applied(String instance, Node node) {
    applied.put(instance, node);
  }

  /** The VM that an instance was made for. */
  synchronized Optional<VirtualMachine> applied(String instance) {
    return applied.get(instance) instanceof VirtualMachine vm ? Optional.of(vm) : Optional.empty();
  }

  /**
   * Which key a link is to have: the one that both ends have, so that several desktops which change a link leave its key alone; else a new one, as after the start of an
   * end, or when a device at an end was made anew.
   */
  synchronized Keying keying(LinkPlan plan) {
    Optional<KeyMark> a = key(plan, plan.a());
    Optional<KeyMark> b = key(plan, plan.b());
    if (a.isPresent() && a.equals(b)) {
      return new Keying.Keep(a.get().id());
    }
    return new Keying.Renew(new SharedKey(), Math.max(generation(a), generation(b)) + 1);
  }

  private Optional<KeyMark> key(LinkPlan plan, LinkPlan.Side side) {
    return Optional.ofNullable(instances.get(side.instance())).flatMap(fact -> fact.key(side.nic(), plan.link()));
  }

  private static long generation(Optional<KeyMark> mark) {
    return mark.map(KeyMark::generation).orElse(0L);
  }

  /** Links that this desktop told and that another one, at the same time, told otherwise at one end only, are told again. */
  private void mendTornLinks() {
    long now = System.nanoTime();
    for (LinkPlan plan : List.copyOf(told.values())) {
      if (key(plan, plan.a()).equals(key(plan, plan.b()))) {
        tornSince.remove(plan.link());
      } else if (now - tornSince.computeIfAbsent(plan.link(), link -> now) > TORN_NANOS) {
        tornSince.remove(plan.link());
        told.remove(plan.link());
      }
    }
    tornSince.keySet().retainAll(told.keySet());
  }

  private boolean isDevice(String node) {
    return wish.node(node).filter(known -> !(known instanceof VirtualMachine)).isPresent();
  }

  // Work

  private boolean moving(String node) {
    return works.get(node) != null && works.get(node).action() instanceof Action.Move;
  }

  private boolean stopping(String node) {
    return works.get(node) != null && works.get(node).action() instanceof Action.Stop;
  }

  /** What is due now; each action's subject counts as busy from here to {@link #finished}. */
  synchronized List<Action> claim() {
    if (destroying || closed || holds > 0) {
      return List.of();
    }
    Set<String> held = new HashSet<>(works.keySet());
    long now = System.nanoTime();
    retryAt.values().removeIf(at -> at - now <= 0);
    held.addAll(retryAt.keySet());
    adoptLinks();
    mendTornLinks();
    List<Action> due = Reconciler.plan(situation(held));
    due.forEach(action -> works.put(action.subject(), new Work(action, "", OptionalDouble.empty(), null)));
    return due;
  }

  private Map<HostUrl, Situation.KnownHost> knownHosts() {
    Map<HostUrl, Situation.KnownHost> known = new HashMap<>();
    entries.forEach(
        (url, entry) -> {
          if (entry.known) {
            known.put(url, new Situation.KnownHost(entry.agent.facts(), entry.agent.address(), Optional.ofNullable(entry.topology)));
          }
        });
    return known;
  }

  private Situation situation(Set<String> held) {
    return new Situation(wish, Set.copyOf(wantedOn), knownHosts(), Map.copyOf(byNode), Map.copyOf(applied), Map.copyOf(told), relayBook.relays(), kept(), held);
  }

  private Set<String> kept() {
    long now = System.nanoTime();
    removedSince.keySet().removeIf(instance -> !instances.containsKey(instance) || wish.nodes().containsKey(instances.get(instance).node()));
    instances.values().stream()
        .filter(instance -> !wish.nodes().containsKey(instance.node()))
        .forEach(instance -> removedSince.putIfAbsent(instance.instance(), now));
    Set<String> kept = new HashSet<>();
    removedSince.forEach(
        (instance, since) -> {
          if (now - since < keepRemovedNanos) {
            kept.add(instance);
          }
        });
    return kept;
  }

  /**
   * Links that both ends already have under one key need no telling: they were told by a desktop that is gone, and told what the topology on the
   * hosts says. That holds for what is found; a link whose end moved since has impairments of the place where it was.
   */
  private void adoptLinks() {
    List<Link> found =
        topology.links().stream()
            .filter(link -> !told.containsKey(link.id()) && !outdated.contains(link.id()) && !toldOnce.contains(link.id()) && sameKey(link))
            .toList();
    Set<Topology> hostsHave = storedTopologies();
    if (found.isEmpty() || hostsHave.stream().anyMatch(stored -> !stored.wans().equals(topology.wans()))) {
      return;
    }
    List<Set<Link>> stored = hostsHave.stream().map(each -> (Set<Link>) new HashSet<>(each.links())).toList();
    Situation now = situation(Set.of());
    for (Link link : found) {
      if (stored.stream().allMatch(links -> links.contains(link))) {
        Reconciler.linkPlan(now, link).ifPresent(plan -> told.put(link.id(), plan));
      }
    }
  }

  private boolean sameKey(Link link) {
    Optional<KeyMark> a = key(link, link.a());
    return a.isPresent() && a.equals(key(link, link.b()));
  }

  /** What hosts keep as this lab's topology; equal ones are one object. */
  private Set<Topology> storedTopologies() {
    Set<Topology> stored = Collections.newSetFromMap(new IdentityHashMap<>());
    entries.values().stream().filter(entry -> entry.known && entry.topology != null).forEach(entry -> stored.add(entry.topology));
    return stored;
  }

  private Optional<KeyMark> key(Link link, End end) {
    Node node = wish.nodes().get(end.node());
    return node == null ? Optional.empty() : current(node.id()).flatMap(instance -> instance.key(SetupScript.nicIndex(node, end.nic()), link.id()));
  }

  synchronized void phase(Action action, String phase, OptionalDouble progress) {
    works.computeIfPresent(action.subject(), (subject, work) -> new Work(work.action(), phase, progress, work.task()));
    shown();
  }

  synchronized void task(Action action, Task task) {
    works.computeIfPresent(action.subject(), (subject, work) -> new Work(work.action(), work.phase(), work.progress(), task));
  }

  /** The task that moves the node now. */
  synchronized Optional<Task> moveTask(String node) {
    return moving(node) ? Optional.ofNullable(works.get(node).task()) : Optional.empty();
  }

  /** An action ended; a failed one is told, and repeated only where a repetition may help. */
  synchronized void finished(Action action, Optional<LabException> failure) {
    works.remove(action.subject());
    switch (action) {
      case Action.SetLink set -> {
        if (failure.isEmpty()) {
          told.put(set.plan().link(), set.plan());
          toldOnce.add(set.plan().link());
        }
      }
      case Action.ClearLink clear -> told.remove(clear.link());
      case Action.PutTopology ignored -> {}
      case Action.Create create -> failed(create.node().id(), failure);
      case Action.Boot boot -> failed(boot.node().id(), failure);
      case Action.Move move -> {
        String node = move.vm().id();
        Optional<InstanceFact> now = current(node);
        boolean moved = now.filter(instance -> instance.region().equals(move.toRegion())).isPresent();
        if (failure.isPresent() && !moved && now.isPresent()) {
          putInto(node, now.get().region());
        } else if (failure.isPresent() && !moved) {
          lostOnTheWay.add(node);
        }
        told(node, failure);
      }
      case Action.Resolve resolve -> told(resolve.subject(), failure);
      case Action.Stop stop -> told(stop.node(), failure);
      case Action.Delete delete -> told(delete.node(), failure);
      case Action.Rescript rescript -> told(rescript.vm().id(), failure);
      case Action.Reconfigure reconfigure -> failed(reconfigure.vm().id(), failure);
    }
    if (failure.isPresent()) {
      retryAt.put(action.subject(), System.nanoTime() + RETRY_NANOS);
      failures++;
      lastFailure = failure.get();
    }
    step();
  }

  /** How many actions have failed so far. */
  synchronized long failures() {
    return failures;
  }

  synchronized LabException lastFailure() {
    return lastFailure;
  }

  /** Whether nothing is under way and nothing is due, on the hosts that answer. */
  synchronized boolean settled() {
    return works.isEmpty() && Reconciler.plan(situation(Set.of())).isEmpty();
  }

  /** A start that failed is not tried again by itself. A device that could not be made elsewhere stays where it runs. */
  private void failed(String node, Optional<LabException> failure) {
    told(node, failure);
    Optional<InstanceFact> still = current(node).filter(instance -> instance.live() && isDevice(node));
    if (failure.isPresent() && still.isPresent()) {
      putInto(node, still.get().region());
    } else if (failure.isPresent()) {
      wantedOn.remove(node);
    }
  }

  private void told(String node, Optional<LabException> failure) {
    if (failure.isEmpty()) {
      errors.remove(node);
    } else if (!(failure.get() instanceof LabException.Cancelled)) {
      errors.put(node, failure.get().getMessage());
    }
  }

  synchronized void error(String node, LabException failure) {
    errors.put(node, failure.getMessage());
    wantedOn.remove(node);
    step();
  }

  synchronized Optional<String> error(String node) {
    return Optional.ofNullable(errors.get(node));
  }

  synchronized boolean busy(String subject) {
    return works.containsKey(subject);
  }

  /** From now to {@link #release} nothing is begun; waits until what is under way has ended. */
  synchronized void hold() throws InterruptedException {
    holds++;
    boolean quiet = false;
    try {
      await(works::isEmpty);
      quiet = true;
    } finally {
      if (!quiet) {
        release();
      }
    }
  }

  synchronized void release() {
    holds--;
    step();
  }

  /** From now on nothing is planned; waits until what runs has ended. */
  synchronized void beginDestroying() throws InterruptedException {
    destroying = true;
    wantedOn.clear();
    works.values().stream().map(Work::task).filter(task -> task != null).forEach(Task::cancel);
    while (!works.isEmpty()) {
      wait();
    }
  }

  synchronized void endDestroying() {
    destroying = false;
    errors.clear();
    migrations.clear();
    step();
  }

  synchronized void close() {
    closed = true;
    step();
  }

  /** Waits until it holds; asked again after each step, with this object locked. Interrupted when the lab is closed. */
  synchronized void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      requireOpen();
      wait();
    }
  }

  private void requireOpen() throws InterruptedException {
    if (closed) {
      throw new InterruptedException("the lab is closed");
    }
  }

  /** The same with a limit; false if it passed. */
  synchronized boolean await(BooleanSupplier condition, long limitMs) throws InterruptedException {
    long until = System.nanoTime() + limitMs * 1_000_000;
    while (!condition.getAsBoolean()) {
      long left = (until - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return false;
      }
      requireOpen();
      wait(left);
    }
    return true;
  }

  // Images

  synchronized void coming(ImageOnHost image, Coming coming) {
    comings.put(image, coming);
    shown();
  }

  synchronized void noLongerComing(ImageOnHost image) {
    comings.remove(image);
    shown();
  }

  /** What is still to come of the image below a running VM's disk. */
  private Optional<Coming> coming(InstanceFact instance) {
    return instance
        .base()
        .flatMap(base -> Optional.ofNullable(comings.get(new ImageOnHost(instance.host(), base.sha256()))).or(base::coming))
        .filter(coming -> instance.live());
  }

  private static String sentence(Coming coming) {
    return coming.fetched()
        ? "Fetching its base image: " + coming.amount() + "."
        : "Its base image is not whole: " + coming.amount() + " are there, and nobody brings the rest" + (coming.wanted() ? ", which it waits for." : ".");
  }

  // Relays

  /** A link of a node that is about to move. */
  record Neighbour(String link, HostUrl host, boolean movesA) {}

  /** The links that are to get a relay now. */
  synchronized List<RelayBook.Need> relayNeeds() {
    relayBook.keep(new HashSet<>(topology.links().stream().map(Link::id).toList()));
    if (closed || destroying) {
      return List.of();
    }
    Map<String, LinkRelay> before = relayBook.relays();
    List<RelayBook.Seen> seen = new ArrayList<>();
    topology.links().forEach(link -> seen(link).ifPresent(seen::add));
    List<RelayBook.Need> needs = relayBook.review(seen, this::ways, System.nanoTime());
    if (!before.equals(relayBook.relays())) {
      step();
    }
    return needs;
  }

  private Optional<RelayBook.Seen> seen(Link link) {
    Optional<InstanceFact> a = current(link.a().node()).filter(InstanceFact::live).filter(fact -> !moving(fact.node()));
    Optional<InstanceFact> b = current(link.b().node()).filter(InstanceFact::live).filter(fact -> !moving(fact.node()));
    if (a.isEmpty() || b.isEmpty() || !connected(a.get().host()) || !connected(b.get().host())) {
      return Optional.empty();
    }
    LinkPlan plan = told.get(link.id());
    LinkState state = new LinkState(link.id(), side(link, link.a()), side(link, link.b()));
    boolean direct = plan != null && state.up() && plan.a().peers().contains(state.a().peer()) && plan.b().peers().contains(state.b().peer());
    return Optional.of(
        new RelayBook.Seen(
            link.id(), a.get().host(), b.get().host(), sameMachine(a.get().host(), b.get().host()), plan != null, state.up(), state.relayedBy(), direct));
  }

  private boolean sameMachine(HostUrl one, HostUrl other) {
    Agent a = entries.get(one).agent;
    Agent b = entries.get(other).agent;
    return Peers.sameMachine(a.facts().hostname(), a.facts().addresses(), b.facts().hostname(), b.facts().addresses());
  }

  /** The ways between two hosts that may not reach each other: this lab's other hosts, and this computer. */
  synchronized List<Way> ways(HostPair hosts) {
    List<Way> ways = new ArrayList<>();
    entries.forEach(
        (url, entry) -> {
          boolean third = entry.known && !hosts.has(url) && !(connected(hosts.one()) && sameMachine(url, hosts.one())) && !(connected(hosts.other()) && sameMachine(url, hosts.other()));
          if (third) {
            ways.add(Way.through(url));
          }
        });
    ways.add(Way.DESKTOP);
    return ways;
  }

  synchronized void relayOpened(String link, HostPair hosts, Way way, LinkRelay relay) {
    relayBook.opened(link, hosts, way, relay, System.nanoTime());
    step();
  }

  synchronized void relayFailed(String link) {
    relayBook.failed(link, System.nanoTime());
  }

  synchronized Optional<Way> provenWay(HostPair hosts) {
    return relayBook.proven(hosts);
  }

  /** The stream of a migration found this way, and no direct one. */
  synchronized void proveWay(HostPair hosts, String by) {
    ways(hosts).stream().filter(way -> way.by().equals(by)).findFirst().ifPresent(way -> relayBook.prove(hosts, way));
  }

  synchronized Optional<Agent> agentNow(HostUrl url) {
    return Optional.ofNullable(entries.get(url)).map(entry -> entry.agent);
  }

  /** The links of a node that is about to move to a host, to live nodes on other machines than that. */
  synchronized List<Neighbour> neighbours(String node, HostUrl to) {
    List<Neighbour> found = new ArrayList<>();
    for (Link link : topology.links()) {
      boolean movesA = link.a().node().equals(node);
      String other = movesA ? link.b().node() : link.a().node();
      if (!movesA && !link.b().node().equals(node) || other.equals(node)) {
        continue;
      }
      current(other)
          .filter(fact -> fact.live() && connected(fact.host()) && connected(to) && !sameMachine(fact.host(), to))
          .ifPresent(fact -> found.add(new Neighbour(link.id(), fact.host(), movesA)));
    }
    return found;
  }

  /** Whether both ends of these links were told of these relays. */
  synchronized boolean toldOf(Map<String, LinkRelay> relays) {
    return relays.entrySet().stream().allMatch(relay -> told.containsKey(relay.getKey()) && told.get(relay.getKey()).relay().equals(Optional.of(relay.getValue())));
  }

  // What users see

  synchronized LabState snapshot() {
    Map<String, VmState> vms = new HashMap<>();
    wish.nodes().keySet().forEach(node -> vms.put(node, vmState(node)));
    Map<String, LinkState> links = new HashMap<>();
    for (Link link : topology.links()) {
      links.put(link.id(), new LinkState(link.id(), side(link, link.a()), side(link, link.b())));
    }
    Map<String, HostState> regions = new HashMap<>();
    topology.regions().forEach(region -> regions.put(region.id(), hosts.host(region.host()).state()));
    Set<String> devices = new HashSet<>(wish.nodes().keySet());
    devices.removeIf(node -> !isDevice(node));
    return new LabState(vms, links, regions, devices);
  }

  /** What has to be decided about a node that was on its way between two hosts. */
  synchronized Optional<Verdicts.Verdict> verdict(String node) {
    boolean between = byNode.getOrDefault(node, List.of()).stream().anyMatch(instance -> instance.handover().isPresent());
    return between ? Verdicts.of(situation(Set.of()), node) : Optional.empty();
  }

  /** Why it is not known where a node runs, and what to do; empty if it is known, or just being decided. */
  synchronized Optional<String> undecided(String node) {
    return verdict(node).filter(Verdicts.Verdict.Wait.class::isInstance).map(verdict -> undecided((Verdicts.Verdict.Wait) verdict));
  }

  private String undecided(Verdicts.Verdict.Wait wait) {
    InstanceFact instance = wait.instance();
    String name = wish.node(instance.node()).map(Node::name).orElse(instance.node());
    String hosts = wait.hosts().stream().map(HostUrl::displayName).sorted().collect(Collectors.joining(" and "));
    boolean source = instance.phase() == Phase.HANDED_OVER;
    return name + (source ? " was handed over to " : " was on its way from ") + hosts + (wait.hosts().size() == 1 ? ", which does" : ", which do")
        + " not answer now, so it is not known whether it runs there. " + instance.host().displayName()
        + " keeps its memory; as soon as the other side answers it is decided by itself where it goes on, without a loss."
        + (source ? " If that host is gone for good: mobitopolo recover " + topology.id() + " " + name + "." : "");
  }

  private VmState vmState(String node) {
    Optional<InstanceFact> current = current(node);
    Optional<String> undecided = undecided(node);
    if (current.isEmpty() && undecided.isPresent()) {
      current = verdict(node).map(Verdicts.Verdict::instance);
    }
    Work work = works.get(node);
    Optional<Coming> coming = work == null ? current.flatMap(this::coming) : Optional.empty();
    return new VmState(
        node,
        undecided.isPresent() ? VmStatus.UNKNOWN : status(node, current, work),
        work == null ? coming.map(LabModel::sentence).orElse("") : work.phase(),
        work == null ? coming.map(image -> OptionalDouble.of(image.part())).orElse(OptionalDouble.empty()) : work.progress(),
        current.map(InstanceFact::region),
        current.map(InstanceFact::host),
        current.map(InstanceFact::instance),
        current.filter(instance -> instance.sinceUs() > 0).map(instance -> Instant.ofEpochMilli(instance.sinceUs() / 1000)),
        current.filter(instance -> instance.live() && instance.cpu() >= 0).map(instance -> OptionalInt.of(instance.cpu())).orElse(OptionalInt.empty()),
        current.map(InstanceFact::ramBytes).orElse(0L),
        current.map(InstanceFact::overlayBytes).orElse(0L),
        Optional.ofNullable(migrations.get(node)),
        undecided.or(() -> Optional.ofNullable(errors.get(node))));
  }

  private VmStatus status(String node, Optional<InstanceFact> current, Work work) {
    boolean preparing = work != null && (work.action() instanceof Action.Create || work.action() instanceof Action.Boot || work.action() instanceof Action.Reconfigure);
    if (current.isEmpty() && byNode.containsKey(node)) {
      return VmStatus.MIGRATING;
    }
    if (current.isEmpty()) {
      return preparing ? VmStatus.PREPARING : VmStatus.STOPPED;
    }
    InstanceFact instance = current.get();
    if (!entries.containsKey(instance.host()) || !entries.get(instance.host()).known) {
      return VmStatus.UNKNOWN;
    }
    if (work != null && work.action() instanceof Action.Move && instance.live()) {
      return VmStatus.MIGRATING;
    }
    return switch (instance.phase()) {
      case CREATED, STOPPED -> preparing ? VmStatus.PREPARING : VmStatus.STOPPED;
      case BOOTING -> VmStatus.BOOTING;
      case RUNNING -> VmStatus.RUNNING;
      case STOPPING -> VmStatus.STOPPING;
      case CRASHED -> preparing ? VmStatus.PREPARING : VmStatus.CRASHED;
      case PARKED, SAVED -> preparing ? VmStatus.PREPARING : VmStatus.PARKED;
      case SENDING, FROZEN, INCOMING, HANDED_OVER -> VmStatus.MIGRATING;
      case UNKNOWN -> VmStatus.UNKNOWN;
    };
  }

  private LinkSide side(Link link, End end) {
    Node node = wish.nodes().get(end.node());
    if (node == null) {
      return LinkSide.DOWN;
    }
    // while a VM is handed over it is nowhere for a moment, but its links are not down
    boolean live = moving(node.id()) || current(node.id()).filter(InstanceFact::live).isPresent();
    return live ? meter.side(node.id(), SetupScript.nicIndex(node, end.nic()), link.id()) : LinkSide.DOWN;
  }
}
