// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.mobitopolo.host.Agent;
import org.mobitopolo.link.LinkRelay;
import org.mobitopolo.task.LabException;
import org.mobitopolo.topology.HostUrl;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sees to it that links between hosts that do not reach each other come up: looks each second which need a relay, and opens it. */
final class RelayKeeper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RelayKeeper.class);
  private static final long CHECK_MS = 1_000;
  private static final long TOLD_MS = 3_000;

  private final LabModel model;
  private final Relays relays = new Relays();
  private final Thread thread;

  RelayKeeper(LabModel model, String lab) {
    this.model = model;
    this.thread = Thread.ofVirtual().name("relays " + lab).start(this::run);
  }

  private void run() {
    try {
      while (true) {
        for (RelayBook.Need need : model.relayNeeds()) {
          Thread.ofVirtual().name("relay for " + need.link()).start(() -> open(need));
        }
        Thread.sleep(CHECK_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void open(RelayBook.Need need) {
    try {
      model.relayOpened(need.link(), HostPair.of(need.a(), need.b()), need.way(), link(need.way(), model.agent(need.a()), model.agent(need.b())));
    } catch (LabException e) {
      LOG.warn("no relay for link {} by {}: {}", need.link(), need.way().by(), e.getMessage());
      model.relayFailed(need.link());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private LinkRelay link(Way way, Agent a, Agent b) throws InterruptedException {
    return way.host().isPresent() ? relays.through(model.agent(way.host().get()), a, b) : relays.throughDesktop(a, b);
  }

  /** The relays for the stream of a migration; to be closed when that has ended. */
  Relays.Streams streams(Agent source, Agent target) throws InterruptedException {
    List<Agent> others = new ArrayList<>();
    for (Way way : model.ways(HostPair.of(source.url(), target.url()))) {
      way.host().ifPresent(host -> model.agentNow(host).ifPresent(others::add));
    }
    return relays.streams(source, others, target);
  }

  /**
   * Before a VM moves to a host that its present one does not reach: gives its links relays that lead from there, so that they are up as soon as it runs there. A link
   * for which none can be had comes up later.
   */
  void prepareMove(String node, HostUrl from, HostUrl to) throws InterruptedException {
    Map<String, LinkRelay> wanted = new HashMap<>();
    for (LabModel.Neighbour neighbour : model.neighbours(node, to)) {
      HostPair hosts = HostPair.of(neighbour.host(), to);
      Way way = model.provenWay(hosts).or(() -> model.ways(hosts).stream().findFirst()).orElse(Way.DESKTOP);
      try {
        LinkRelay relay = towards(neighbour, way, from, to);
        wanted.put(neighbour.link(), relay);
        model.relayOpened(neighbour.link(), hosts, way, relay);
      } catch (LabException e) {
        LOG.warn("no relay for link {} by {} before its end moves: {}", neighbour.link(), way.by(), e.getMessage());
      }
    }
    model.await(() -> model.toldOf(wanted), TOLD_MS);
  }

  private LinkRelay towards(LabModel.Neighbour neighbour, Way way, HostUrl from, HostUrl to) throws InterruptedException {
    Agent stays = model.agent(neighbour.host());
    LinkRelay relay = neighbour.movesA() ? link(way, model.agent(to), stays) : link(way, stays, model.agent(to));
    if (!way.equals(Way.DESKTOP) || !neighbour.host().equals(from)) {
      return relay;
    }
    // at its old place as well, where both ends are on one host: what still comes there is passed on from there
    List<String> here = neighbour.movesA() ? relay.b() : relay.a();
    List<String> both = new ArrayList<>(neighbour.movesA() ? relay.a() : relay.b());
    both.addAll(here);
    return new LinkRelay(relay.by(), relay.pair(), relay.key(), neighbour.movesA() ? both : here, neighbour.movesA() ? here : both);
  }

  /** Ends looking, and what goes through this computer. */
  @Override
  public void close() {
    thread.interrupt();
    relays.close();
  }
}
