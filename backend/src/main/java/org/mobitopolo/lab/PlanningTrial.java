// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.mobitopolo.host.HostFacts;
import org.mobitopolo.lab.InstanceFact.Phase;
import org.mobitopolo.link.LinkPlan;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Nic;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.TopologyJson;
import org.mobitopolo.topology.VirtualMachine;

/**
 * The planning side of a large lab, on hosts that are only simulated: what the reconciler finds to do is done at once by changing the facts, as if
 * all hosts had answered. It shows how long comparing wish and fact takes, and how many requests each host gets; it says nothing of how long hosts and networks take. Not thread-safe.
 */
public final class PlanningTrial {
  private static final int LINKS_A_VM_TWICE = 3;
  private static final int NICS = 4;
  private static final int WARM = 20;
  private static final int MOVED_PERCENT = 1;

  /**
   * One change of the wish, and what became of it.
   *
   * @param what a few words
   * @param planMillis how long the first comparison took, in milliseconds
   * @param rounds how many comparisons until nothing was left to do
   * @param actions how many things were done
   * @param mostRequestsAHost requests that the busiest host got
   * @param hostsAsked how many hosts got any request
   * @param topologyBytes how much was sent to hosts as copies of the topology
   */
  public record Step(String what, double planMillis, int rounds, int actions, int mostRequestsAHost, int hostsAsked, long topologyBytes) {}

  /**
   * What the trial found.
   *
   * @param idlePlanMillis median time of a comparison that finds nothing to do, in milliseconds
   * @param factsBytes memory of the facts, in bytes, as far as it can be measured
   */
  public record Result(int vms, int links, int hosts, List<Step> steps, double idlePlanMillis, long factsBytes) {}

  private final List<HostUrl> urls;
  private final Map<HostUrl, Situation.KnownHost> hosts = new HashMap<>();
  private final Map<String, List<InstanceFact>> instances = new HashMap<>();
  private final Map<String, Node> applied = new HashMap<>();
  private final Map<String, LinkPlan> told = new HashMap<>();
  private final Set<String> wantedOn = new HashSet<>();
  private final Map<HostUrl, Integer> requests = new HashMap<>();
  private Wish wish;
  private long topologyBytes;
  private long made;

  private PlanningTrial(int vms, int hostCount) {
    urls = IntStream.range(0, hostCount).mapToObj(host -> HostUrl.parse("ssh://node" + host)).toList();
    wish = Wish.of(topology(vms, urls));
    for (int host = 0; host < hostCount; host++) {
      String address = "10." + (host >> 8) + "." + (host & 0xff) + ".1";
      HostFacts facts =
          new HostFacts(
              "node" + host, "simulated", 32, Set.of("sse2", "aes", "pclmulqdq", "ssse3", "avx"), 7, 832, 256L << 30, 200L << 30, 100L << 30, 1L << 40, 1, "6.12", true, 6,
              List.of(address), 0, Duration.ZERO);
      hosts.put(urls.get(host), new Situation.KnownHost(facts, Optional.of(address), Optional.empty()));
    }
  }

  /**
   * Starts a lab of so many VMs with half as many more links on so many hosts, moves one percent of the VMs to other hosts, changes one link, and
   * stops everything. Takes seconds; can't be interrupted.
   */
  public static Result run(int vms, int hostCount) {
    PlanningTrial trial = new PlanningTrial(vms, hostCount);
    long before = usedMemory();
    List<Step> steps = new ArrayList<>();
    trial.wish.nodes().keySet().forEach(trial.wantedOn::add);
    steps.add(trial.settle("start all"));
    long facts = Math.max(0, usedMemory() - before);
    List<Double> idle = new ArrayList<>();
    for (int round = 0; round < WARM; round++) {
      long begin = System.nanoTime();
      Reconciler.plan(trial.situation());
      idle.add((System.nanoTime() - begin) / 1e6);
    }
    trial.moveSome();
    steps.add(trial.settle("move " + MOVED_PERCENT + " %"));
    trial.changeLink();
    steps.add(trial.settle("change a link"));
    trial.wantedOn.clear();
    steps.add(trial.settle("stop all"));
    return new Result(vms, trial.wish.topology().links().size(), hostCount, List.copyOf(steps), idle.stream().sorted().toList().get(WARM / 2), facts);
  }

  private static long usedMemory() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  /** Every VM has a link to the next one and every second one to a VM far away, so that links cross hosts as well. */
  private static Topology topology(int vms, List<HostUrl> urls) {
    List<Region> regions = new ArrayList<>();
    for (int host = 0; host < urls.size(); host++) {
      regions.add(new Region("r" + host, "Region " + host, urls.get(host), new Bounds(host * 1000.0, 0, 900, 900), "blue"));
    }
    List<Node> nodes = new ArrayList<>();
    for (int vm = 0; vm < vms; vm++) {
      List<Nic> nics = new ArrayList<>();
      for (int nic = 0; nic < NICS; nic++) {
        int number = vm * NICS + nic;
        nics.add(
            new Nic(
                "eth" + nic,
                String.format("02:00:%02x:%02x:%02x:%02x", number >> 24 & 0xff, number >> 16 & 0xff, number >> 8 & 0xff, number & 0xff),
                List.of(Cidr.parse("10." + (vm >> 8 & 0xff) + "." + (vm & 0xff) + "." + (nic + 1) + "/24"))));
      }
      int host = (int) ((long) vm * urls.size() / vms);
      nodes.add(VirtualMachine.create("v" + vm, "vm-" + vm, new Point(host * 1000.0 + vm % 30 * 30, 100)).withRegion(Optional.of("r" + host)).withNics(nics));
    }
    List<Link> links = new ArrayList<>();
    for (int vm = 0; vm < vms; vm++) {
      links.add(Link.create("n" + vm, new End("v" + vm, "eth0"), new End("v" + (vm + 1) % vms, "eth1")));
      if (vm % 2 == 0 && links.size() < vms * LINKS_A_VM_TWICE / 2) {
        links.add(Link.create("f" + vm, new End("v" + vm, "eth2"), new End("v" + ((vm + vms / 2) % vms | 1), "eth3")));
      }
    }
    return Topology.empty("trial", "Trial").withRegions(regions).withNodes(nodes).withLinks(links);
  }

  private Situation situation() {
    return new Situation(wish, wantedOn, hosts, instances, applied, told, Map.of(), Set.of(), Set.of());
  }

  private Step settle(String what) {
    requests.clear();
    topologyBytes = 0;
    double first = 0;
    int rounds = 0;
    int actions = 0;
    while (true) {
      long begin = System.nanoTime();
      List<Action> due = Reconciler.plan(situation());
      double millis = (System.nanoTime() - begin) / 1e6;
      first = rounds == 0 ? millis : first;
      rounds++;
      if (due.isEmpty()) {
        return new Step(what, first, rounds, actions, requests.values().stream().mapToInt(Integer::intValue).max().orElse(0), requests.size(), topologyBytes);
      }
      actions += due.size();
      due.forEach(this::fulfil);
    }
  }

  private void moveSome() {
    Topology topology = wish.topology();
    int step = 100 / MOVED_PERCENT;
    List<Node> nodes = new ArrayList<>();
    for (int index = 0; index < topology.nodes().size(); index++) {
      Node node = topology.nodes().get(index);
      int next = (Integer.parseInt(node.region().orElseThrow().substring(1)) + 1) % urls.size();
      nodes.add(index % step == 0 ? node.withRegion(Optional.of("r" + next)) : node);
    }
    wish = Wish.of(topology.withNodes(nodes));
  }

  private void changeLink() {
    List<Link> links = new ArrayList<>(wish.topology().links());
    Link link = links.getFirst();
    links.set(0, link.withImpairments(link.ab().withLoss(0.01, 0), link.ba()));
    wish = Wish.of(wish.topology().withLinks(links));
  }

  /** Requests as {@link LabActions} sends them. */
  private void fulfil(Action action) {
    switch (action) {
      case Action.Create create -> {
        ask(create.host(), 3);
        String id = String.format("%016x", ++made);
        applied.put(id, create.node());
        put(fact(id, create.node().id(), create.host(), create.region(), Phase.CREATED));
      }
      case Action.Boot boot -> {
        ask(boot.instance().host(), 2);
        put(fact(boot.instance().instance(), boot.node().id(), boot.instance().host(), boot.instance().region(), Phase.RUNNING));
      }
      case Action.Stop stop -> {
        ask(stop.instance().host(), 2);
        told.values().removeIf(plan -> plan.a().instance().equals(stop.instance().instance()) || plan.b().instance().equals(stop.instance().instance()));
        put(fact(stop.instance().instance(), stop.node(), stop.instance().host(), stop.instance().region(), Phase.STOPPED));
      }
      case Action.Move move -> {
        ask(move.instance().host(), 2);
        ask(move.toHost(), 3);
        String id = String.format("%016x", ++made);
        applied.put(id, move.vm());
        instances.remove(move.vm().id());
        put(fact(id, move.vm().id(), move.toHost(), move.toRegion(), Phase.RUNNING));
      }
      case Action.SetLink set -> {
        ask(hostOf(set.plan().a().instance()), 1);
        ask(hostOf(set.plan().b().instance()), 1);
        told.put(set.plan().link(), set.plan());
      }
      case Action.PutTopology put -> {
        ask(put.host(), 1);
        topologyBytes += TopologyJson.writeLine(wish.topology()).getBytes(StandardCharsets.UTF_8).length;
        Situation.KnownHost known = hosts.get(put.host());
        hosts.put(put.host(), new Situation.KnownHost(known.facts(), known.address(), Optional.of(wish.topology())));
      }
      default -> throw new IllegalStateException("not part of the trial: " + action);
    }
  }

  private HostUrl hostOf(String instance) {
    return instances.get(applied.get(instance).id()).getFirst().host();
  }

  private void ask(HostUrl host, int times) {
    requests.merge(host, times, Integer::sum);
  }

  private void put(InstanceFact fact) {
    instances.put(fact.node(), List.of(fact));
  }

  private InstanceFact fact(String id, String node, HostUrl host, String region, Phase phase) {
    String udp = hosts.get(host).address().orElseThrow() + ":" + (40_000 + Long.parseLong(id, 16) % 20_000);
    return new InstanceFact(host, id, "trial", node, region, "k", phase, made, 0, "seccomp", 64, 0, 0, Optional.empty(), List.of(udp), Map.of(), Map.of(), Optional.empty(), Optional.empty());
  }
}
