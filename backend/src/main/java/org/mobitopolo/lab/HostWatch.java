// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mobitopolo.host.Agent;
import org.mobitopolo.host.Host;
import org.mobitopolo.host.HostListener;
import org.mobitopolo.task.LabException;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.TopologyFormatException;
import org.mobitopolo.topology.TopologyJson;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** Carries what one host reports into a lab's model. */
final class HostWatch implements HostListener {
  private static final Logger LOG = LoggerFactory.getLogger(HostWatch.class);

  final Host host;
  private final LabModel model;

  HostWatch(Host host, LabModel model) {
    this.host = host;
    this.model = model;
  }

  @Override
  public void connected(Agent agent) {
    model.hostConnected(host.url(), agent);
    String lab = model.topology().id();
    agent
        .request("lab.list", agent.params())
        .thenCompose(
            labs -> {
              model.hostTopology(host.url(), stored(labs, lab));
              return agent.request("vm.list", agent.params().put("lab", lab));
            })
        .thenAccept(list -> model.hostListed(host.url(), agent, facts(host.url(), list)))
        .exceptionally(
            failure -> {
              LOG.warn("{} does not tell what it holds: {}", host.url(), failure.getMessage());
              return null;
            });
  }

  /** The topology that a host keeps for a lab; empty if it keeps none, or one that this program can't read. */
  static Optional<Topology> stored(JsonNode labs, String lab) {
    for (JsonNode entry : labs.path("labs").values()) {
      if (entry.path("lab").asString("").equals(lab)) {
        try {
          return Optional.of(TopologyJson.read(entry.path("topology").toString(), "the host's copy"));
        } catch (TopologyFormatException e) {
          LOG.warn("the topology that a host keeps for lab {} can't be read: {}", lab, e.getMessage());
        }
      }
    }
    return Optional.empty();
  }

  /** The instances of {@code vm.list}. */
  static List<InstanceFact> facts(HostUrl url, JsonNode list) {
    List<InstanceFact> facts = new ArrayList<>();
    list.path("vms").values().forEach(status -> InstanceFact.parse(url, status).ifPresent(facts::add));
    return facts;
  }

  @Override
  public void event(Agent agent, JsonNode event) {
    switch (event.path("event").asString("")) {
      case "vm" -> vm(event);
      case "links" -> model.links(event);
      case "migration" -> model.migrationEvent(event);
      default -> LOG.debug("{} sent an event of a kind that is not known", host.url());
    }
  }

  private void vm(JsonNode event) {
    if (event.path("state").asString("").equals("deleted")) {
      model.gone(event.path("instance").asString(""));
    } else {
      InstanceFact.parse(host.url(), event).filter(fact -> fact.lab().equals(model.topology().id())).ifPresent(model::status);
    }
  }

  @Override
  public void disconnected(LabException reason) {
    model.hostLost(host.url());
  }
}
