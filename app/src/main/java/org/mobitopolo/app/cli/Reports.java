// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mobitopolo.host.HostFacts;
import org.mobitopolo.host.HostState;
import org.mobitopolo.lab.LabState;
import org.mobitopolo.lab.LinkSide;
import org.mobitopolo.lab.LinkState;
import org.mobitopolo.lab.VmState;
import org.mobitopolo.migration.MigrationProgress;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;

/** States as objects of JSON. What is unknown is left out. */
final class Reports {

  private Reports() {}

  static Map<String, Object> lab(Topology topology, LabState state) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("id", topology.id());
    report.put("name", topology.name());
    List<Object> regions = new ArrayList<>();
    for (Region region : topology.regions()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("name", region.name());
      entry.putAll(host(region.host(), state.hosts().get(region.id())));
      regions.add(entry);
    }
    report.put("regions", regions);
    report.put(
        "nodes",
        topology.nodes().stream()
            .map(node -> node(topology, node, state.vm(node.id())))
            .toList());
    report.put(
        "links",
        topology.links().stream()
            .map(link -> link(topology, link, state.links().get(link.id())))
            .toList());
    return report;
  }

  static Map<String, Object> node(Topology topology, Node node, VmState state) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("name", node.name());
    report.put("id", node.id());
    report.put("kind", node.kind());
    report.put("status", Words.status(state.status()));
    state.region().ifPresent(id -> report.put("region", Words.region(topology, id)));
    node.region().ifPresent(id -> report.put("wantedRegion", Words.region(topology, id)));
    state.host().ifPresent(url -> report.put("host", url.toString()));
    state.instance().ifPresent(instance -> report.put("instance", instance));
    state.since().ifPresent(since -> report.put("since", since.toString()));
    state.cpu().ifPresent(cpu -> report.put("cpu", cpu));
    report.put("memoryBytes", state.memoryBytes());
    report.put("diskBytes", state.diskBytes());
    state.migration().ifPresent(progress -> report.put("migration", migration(topology, progress)));
    if (!state.phase().isEmpty()) {
      report.put("phase", state.phase());
    }
    state.error().ifPresent(error -> report.put("error", error));
    return report;
  }

  static Map<String, Object> migration(Topology topology, MigrationProgress progress) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("from", Words.region(topology, progress.fromRegion()));
    report.put("to", Words.region(topology, progress.toRegion()));
    report.put("status", Words.lower(progress.status()));
    report.put("passes", progress.pass());
    report.put("transferredBytes", progress.transferred());
    if (progress.throttle() > 0) {
      report.put("throttlePercent", progress.throttle());
    }
    progress.relayedBy().ifPresent(by -> report.put("relayedBy", by));
    progress.downtimeMs().ifPresent(ms -> report.put("downtimeMs", ms));
    progress.totalMs().ifPresent(ms -> report.put("totalMs", ms));
    progress.error().ifPresent(error -> report.put("error", error));
    return report;
  }

  private static Map<String, Object> link(Topology topology, Link link, LinkState state) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("id", link.id());
    report.put("a", Words.end(topology, link.a()));
    report.put("b", Words.end(topology, link.b()));
    if (state != null) {
      report.put("up", state.up());
      state.relayedBy().ifPresent(by -> report.put("relayedBy", by));
      state
          .roundTrip()
          .ifPresent(roundTrip -> report.put("roundTripUs", roundTrip.toNanos() / 1000));
      report.put("ab", direction(state.a(), state.b()));
      report.put("ba", direction(state.b(), state.a()));
    }
    return report;
  }

  private static Map<String, Object> direction(LinkSide from, LinkSide to) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("bytesPerSecond", Math.round(from.txBytesPerSecond()));
    report.put("framesPerSecond", Math.round(from.txFramesPerSecond()));
    report.put("sentBytes", from.txBytes());
    report.put("receivedBytes", to.rxBytes());
    report.put("drops", from.drops());
    return report;
  }

  static Map<String, Object> host(HostUrl url, HostState state) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("host", url.toString());
    if (state == null) {
      return report;
    }
    report.put("hostStatus", Words.lower(state.status()));
    state.facts().ifPresent(facts -> report.put("facts", facts(facts)));
    state.failure().ifPresent(failure -> report.put("error", failure.getMessage()));
    return report;
  }

  private static Map<String, Object> facts(HostFacts facts) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("hostname", facts.hostname());
    report.put("cpuModel", facts.cpuModel());
    report.put("cpus", facts.cpus());
    report.put("load1", facts.load1());
    report.put("memoryTotal", facts.memoryTotal());
    report.put("memoryAvailable", facts.memoryAvailable());
    report.put("diskAvailable", facts.diskAvailable());
    report.put("kernel", facts.kernel());
    report.put("seccomp", facts.seccomp());
    report.put("vms", facts.vms());
    report.put("roundTripMs", facts.roundTrip().toNanos() / 1e6);
    return report;
  }
}
