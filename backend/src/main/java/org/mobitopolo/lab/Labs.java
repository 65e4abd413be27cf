// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

  /** Asks these hosts, all at once, for the labs they hold. Waits for the answers. */
  public static Search find(Hosts hosts, Collection<HostUrl> urls) throws InterruptedException {
    Map<String, Found> found = new LinkedHashMap<>();
    Map<HostUrl, LabException> failures = new HashMap<>();
    List<Thread> askers = new ArrayList<>();
    for (HostUrl url : urls) {
      askers.add(
          Thread.ofVirtual()
              .name("find labs " + url.displayName())
              .start(
                  () -> {
                    try {
                      List<Found> there = ask(hosts.host(url).agent());
                      synchronized (found) {
                        there.forEach(lab -> found.merge(lab.topology().id(), lab, Labs::both));
                      }
                    } catch (LabException e) {
                      synchronized (found) {
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
    synchronized (found) {
      return new Search(found.values().stream().sorted(Comparator.comparing(lab -> lab.topology().name())).toList(), Map.copyOf(failures));
    }
  }

  private static List<Found> ask(Agent agent) throws InterruptedException {
    JsonNode labs = agent.call("lab.list", agent.params());
    List<InstanceFact> facts = HostWatch.facts(agent.url(), agent.call("vm.list", agent.params()));
    List<Found> found = new ArrayList<>();
    for (JsonNode entry : labs.path("labs").values()) {
      String id = entry.path("lab").asString("");
      long live = facts.stream().filter(fact -> fact.lab().equals(id) && fact.live()).count();
      HostWatch.stored(labs, id).ifPresent(topology -> found.add(new Found(topology, List.of(agent.url()), Math.toIntExact(live))));
    }
    return found;
  }

  /** A lab that lies on two hosts; the copy where more of it runs counts. */
  private static Found both(Found one, Found other) {
    List<HostUrl> hosts = new ArrayList<>(one.hosts());
    hosts.addAll(other.hosts());
    return new Found(one.liveVms() >= other.liveVms() ? one.topology() : other.topology(), List.copyOf(hosts), one.liveVms() + other.liveVms());
  }
}
