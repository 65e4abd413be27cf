// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mobitopolo.host.Agent;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.task.LabException;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Topology;
import tools.jackson.databind.JsonNode;

/** Finds labs that hosts hold. */
public final class Labs {
  private Labs() {}

  /**
   * A lab that was found.
   *
   * @param topology as last applied
   * @param hosts where it was found
   * @param liveVms how many of its VMs run there
   */
  public record Found(Topology topology, List<HostUrl> hosts, int liveVms) {}

  /**
   * What a search gave.
   *
   * @param labs those found, by name
   * @param failures the hosts that could not be asked, with the reason
   */
  public record Search(List<Found> labs, Map<HostUrl, LabException> failures) {}

  /**
   * What one host holds.
   *
   * @param topologies the labs that it keeps a copy of, by id
   * @param live how many nodes live there, by lab; 0 where there are only such that don't
   */
  private record Held(HostUrl host, Map<String, Topology> topologies, Map<String, Integer> live) {
    boolean any(String lab) {
      return topologies.containsKey(lab) || live.containsKey(lab);
    }
  }

  /** Asks these hosts, all at once, for the labs they hold. Waits for the answers. */
  public static Search find(Hosts hosts, Collection<HostUrl> urls) throws InterruptedException {
    List<Held> held = new ArrayList<>();
    Map<HostUrl, LabException> failures = new HashMap<>();
    List<Thread> askers = new ArrayList<>();
    for (HostUrl url : urls) {
      askers.add(
          Thread.ofVirtual()
              .name("find labs " + url.displayName())
              .start(
                  () -> {
                    try {
                      Held there = ask(hosts.host(url).agent());
                      synchronized (held) {
                        held.add(there);
                      }
                    } catch (LabException e) {
                      synchronized (held) {
                        failures.put(url, e);
                      }
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                  }));
    }
    try {
      for (Thread asker : askers) {
        asker.join();
      }
    } finally {
      askers.forEach(Thread::interrupt);
    }
    synchronized (held) {
      Set<String> labs = new LinkedHashSet<>();
      held.forEach(host -> labs.addAll(host.topologies().keySet()));
      List<Found> found = labs.stream().map(lab -> together(lab, held)).sorted(Comparator.comparing(lab -> lab.topology().name())).toList();
      return new Search(found, Map.copyOf(failures));
    }
  }

  private static Held ask(Agent agent) throws InterruptedException {
    JsonNode labs = agent.call("lab.list", agent.params());
    Map<String, Topology> topologies = new HashMap<>();
    for (JsonNode entry : labs.path("labs").values()) {
      String id = entry.path("lab").asString("");
      HostWatch.stored(labs, id).ifPresent(topology -> topologies.put(topology.id(), topology));
    }
    Map<String, Integer> live = new HashMap<>();
    HostWatch.facts(agent.url(), agent.call("vm.list", agent.params())).forEach(fact -> live.merge(fact.lab(), fact.live() ? 1 : 0, Integer::sum));
    return new Held(agent.url(), topologies, live);
  }

  /** A lab may lie on many hosts; of different copies that counts where most of it runs. */
  private static Found together(String lab, List<Held> held) {
    List<Held> concerned = held.stream().filter(host -> host.any(lab)).toList();
    Topology topology =
        concerned.stream()
            .filter(host -> host.topologies().containsKey(lab))
            .max(Comparator.comparingInt(host -> host.live().getOrDefault(lab, 0)))
            .orElseThrow()
            .topologies()
            .get(lab);
    int live = concerned.stream().mapToInt(host -> host.live().getOrDefault(lab, 0)).sum();
    return new Found(topology, concerned.stream().map(Held::host).toList(), live);
  }
}
