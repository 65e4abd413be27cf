// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.mobitopolo.host.Agent;
import org.mobitopolo.link.LinkEndpoint;
import org.mobitopolo.link.LinkJson;
import org.mobitopolo.link.LinkPlan;
import org.mobitopolo.link.SharedKey;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Lets the saved VMs of one lab go on together. First every host makes its VMs ready, so that their addresses are known; then each VM is started
 * with its links, keyed anew. What a guest sends before its peer is there is kept by the agent, so nothing is lost in between.
 */
final class LabStart {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final Topology topology;
  private final List<RestoredVm> vms;
  private final Map<String, RestoredVm> byNode = new HashMap<>();
  private final Map<String, List<String>> addresses = new HashMap<>();
  private final Map<String, ArrayNode> links = new HashMap<>();

  LabStart(Topology topology, List<RestoredVm> vms) {
    this.topology = topology;
    this.vms = vms;
    vms.forEach(vm -> byNode.put(vm.machine().node(), vm));
  }

  void start() throws InterruptedException {
    List<JsonNode> ready = ask("vm.prepare", false);
    for (int i = 0; i < vms.size(); i++) {
      List<String> udp = ready.get(i).path("udp").valueStream().map(address -> address.asString("")).toList();
      addresses.put(vms.get(i).machine().node(), udp);
      links.put(vms.get(i).machine().node(), vms.get(i).agent().params().arrayNode());
    }
    topology.links().forEach(this::plan);
    ask("vm.start", true);
  }

  private void plan(Link link) {
    Optional<LinkEndpoint> a = endpoint(link.a());
    Optional<LinkEndpoint> b = endpoint(link.b());
    if (a.isPresent() && b.isPresent()) {
      LinkPlan plan = LinkPlan.of(topology, link, a.get(), b.get());
      SharedKey key = new SharedKey();
      tell(link.a(), plan, plan.a(), "a", key);
      tell(link.b(), plan, plan.b(), "b", key);
    }
  }

  private void tell(End end, LinkPlan plan, LinkPlan.Side side, String name, SharedKey key) {
    links.get(end.node()).addObject().put("nic", side.nic()).set("link", LinkJson.of(plan, side, name, key));
  }

  private Optional<LinkEndpoint> endpoint(End end) {
    RestoredVm vm = byNode.get(end.node());
    if (vm == null || !(topology.node(end.node()).orElse(null) instanceof VirtualMachine wish)) {
      return Optional.empty();
    }
    int nic = wish.nics().stream().map(each -> each.name()).toList().indexOf(end.nic());
    if (nic < 0 || nic >= vm.machine().head().json().path("config").path("nics").size()) {
      return Optional.empty();
    }
    Agent agent = vm.agent();
    return Optional.of(
        new LinkEndpoint(
            vm.instance(),
            nic,
            vm.machine().region(),
            addresses.get(end.node()),
            agent.address(),
            agent.facts().hostname(),
            agent.facts().addresses(),
            agent.facts().cpuFeatures()));
  }

  /** Asks all hosts at once and waits for all answers. */
  private List<JsonNode> ask(String method, boolean withLinks) throws InterruptedException {
    List<CompletableFuture<JsonNode>> answers = new ArrayList<>();
    for (RestoredVm vm : vms) {
      ObjectNode params = vm.agent().params().put("instance", vm.instance());
      if (withLinks) {
        params.set("links", links.get(vm.machine().node()));
      }
      answers.add(vm.agent().request(method, params));
    }
    return Answers.all(answers, LIMIT, "while the VMs were started");
  }
}
