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
import org.mobitopolo.host.HostFacts;
import org.mobitopolo.link.LinkEndpoint;
import org.mobitopolo.link.Keying;
import org.mobitopolo.link.LinkJson;
import org.mobitopolo.link.LinkPlan;
import org.mobitopolo.link.SharedKey;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Nic;
import org.mobitopolo.topology.Topology;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Lets the saved VMs, switches and gateways of one lab go on together. First every host makes its own ready, so that all addresses are known; then
 * each is started with its links, keyed anew. What a guest sends before its peer is there is kept by the agent, so nothing is lost in between.
 */
final class LabStart {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** A node that is on its host and has an address. */
  private record Ready(Agent agent, String instance, String region, List<String> udp, int nics) {}

  private final Topology topology;
  private final List<RestoredVm> vms;
  private final Map<String, Ready> ready = new HashMap<>();
  private final Map<String, ArrayNode> links = new HashMap<>();

  LabStart(Topology topology, List<RestoredVm> vms) {
    this.topology = topology;
    this.vms = vms;
  }

  void start() throws InterruptedException {
    prepare();
    topology.links().forEach(this::plan);
    startVms();
  }

  private void prepare() throws InterruptedException {
    List<CompletableFuture<JsonNode>> answers = vms.stream().map(vm -> vm.agent().request("vm.prepare", instance(vm.agent(), vm.instance()))).toList();
    List<JsonNode> prepared = Answers.all(answers, LIMIT, "while VMs were made ready");
    for (int i = 0; i < vms.size(); i++) {
      RestoredVm vm = vms.get(i);
      int nics = vm.machine().head().json().path("config").path("nics").size();
      put(vm.machine().node(), new Ready(vm.agent(), vm.instance(), vm.machine().region(), addresses(prepared.get(i)), nics));
    }
  }

  private void put(String node, Ready made) {
    ready.put(node, made);
    links.put(node, JsonNodeFactory.instance.arrayNode());
  }

  private static List<String> addresses(JsonNode answer) {
    return answer.path("udp").valueStream().map(address -> address.asString("")).toList();
  }

  private static ObjectNode instance(Agent agent, String instance) {
    return agent.params().put("instance", instance);
  }

  private void plan(Link link) {
    Optional<LinkEndpoint> a = endpoint(link.a());
    Optional<LinkEndpoint> b = endpoint(link.b());
    if (a.isPresent() && b.isPresent()) {
      LinkPlan plan = LinkPlan.of(topology, link, a.get(), b.get());
      Keying key = new Keying.Renew(new SharedKey(), 1);
      tell(link.a(), plan, plan.a(), "a", key);
      tell(link.b(), plan, plan.b(), "b", key);
    }
  }

  private void tell(End end, LinkPlan plan, LinkPlan.Side side, String name, Keying key) {
    links.get(end.node()).addObject().put("nic", side.nic()).set("link", LinkJson.of(plan, side, name, key));
  }

  private Optional<LinkEndpoint> endpoint(End end) {
    Ready node = ready.get(end.node());
    int nic = topology.node(end.node()).map(wish -> wish.nics().stream().map(Nic::name).toList().indexOf(end.nic())).orElse(-1);
    if (node == null || nic < 0 || nic >= node.nics()) {
      return Optional.empty();
    }
    HostFacts facts = node.agent().facts();
    return Optional.of(
        new LinkEndpoint(
            node.instance(), nic, node.region(), node.udp(), node.agent().address(), facts.hostname(), facts.addresses(), facts.cpuFeatures()));
  }

  private void startVms() throws InterruptedException {
    List<CompletableFuture<JsonNode>> answers = new ArrayList<>();
    for (RestoredVm vm : vms) {
      ObjectNode params = instance(vm.agent(), vm.instance());
      params.set("links", links.get(vm.machine().node()));
      answers.add(vm.agent().request("vm.start", params));
    }
    Answers.all(answers, LIMIT, "while VMs were started");
  }
}
