// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.mobitopolo.app.window.status.HostStates;
import org.mobitopolo.app.window.status.MigrationTexts;
import org.mobitopolo.app.window.status.Units;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.canvas.model.Decorations;
import org.mobitopolo.canvas.model.LinkDecoration;
import org.mobitopolo.canvas.model.NodeDecoration;
import org.mobitopolo.canvas.model.NodeState;
import org.mobitopolo.canvas.model.RegionDecoration;
import org.mobitopolo.host.HostFacts;
import org.mobitopolo.host.HostState;
import org.mobitopolo.lab.LabState;
import org.mobitopolo.lab.LinkState;
import org.mobitopolo.lab.VmState;
import org.mobitopolo.lab.VmStatus;
import org.mobitopolo.migration.MigrationProgress;
import org.mobitopolo.migration.MigrationStatus;
import org.mobitopolo.task.LabException;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Rate;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.Wan;

/** Translates what the hosts report into what the canvas draws. A pure function. */
final class Decorator {
  /** A link without a limit counts as fully loaded at this rate, in bytes a second. */
  private static final double FULL_LOAD = 125_000_000;

  /** Traffic below this, in bytes a second, is keeping alive, not load. */
  private static final double QUIET = 16;

  /** Round trips below this are those of one computer or room, and not worth telling. */
  private static final Duration FAR = Duration.ofMillis(2);

  private Decorator() {}

  static Decorations decorate(Topology topology, LabState state, Texts texts) {
    Map<String, NodeDecoration> nodes = new HashMap<>();
    topology.nodes().forEach(node -> nodes.put(node.id(), node(node, state.vm(node.id()), texts)));
    Map<String, LinkDecoration> links = new HashMap<>();
    for (Link link : topology.links()) {
      LinkState live = state.links().get(link.id());
      boolean awaited =
          state.vm(link.a().node()).status().live() && state.vm(link.b().node()).status().live();
      links.put(
          link.id(),
          live == null || !awaited ? LinkDecoration.NONE : link(topology, link, live, texts));
    }
    Map<String, RegionDecoration> regions = new HashMap<>();
    state
        .hosts()
        .forEach((id, host) -> regions.put(id, region(host, vms(topology, state, id, host, texts), texts)));
    return new Decorations(nodes, links, regions);
  }

  private static NodeDecoration node(Node node, VmState live, Texts texts) {
    NodeDecoration decoration = NodeDecoration.of(nodeState(live.status()));
    Optional<MigrationProgress> moving =
        live.migration()
            .filter(_ -> live.status() == VmStatus.MIGRATING || live.status() == VmStatus.UNKNOWN);
    if (moving.isPresent()) {
      decoration =
          decoration.withProgress(
              moving.get().fraction(), MigrationTexts.ring(moving.get(), texts));
    } else if (live.status() == VmStatus.PREPARING && live.progress().isPresent()) {
      decoration = decoration.withProgress(live.progress().getAsDouble(), live.phase());
    }
    Optional<String> result =
        live.migration()
            .filter(migration -> migration.status() == MigrationStatus.DONE && live.status().live())
            .filter(migration -> migration.downtimeMs().isPresent())
            .map(
                migration ->
                    texts.get(
                        "node.downtime", Units.milliseconds(migration.downtimeMs().getAsDouble())));
    if (result.isPresent() && moving.isEmpty()) {
      decoration = decoration.withResult(result.get());
    }
    return live.error().isPresent() ? decoration.withError(live.error().get()) : decoration;
  }

  private static NodeState nodeState(VmStatus status) {
    return switch (status) {
      case STOPPED, PARKED -> NodeState.STOPPED;
      case PREPARING, BOOTING -> NodeState.BOOTING;
      case RUNNING -> NodeState.RUNNING;
      case MIGRATING -> NodeState.MIGRATING;
      case STOPPING -> NodeState.STOPPING;
      case CRASHED -> NodeState.CRASHED;
      case UNKNOWN -> NodeState.UNREACHABLE;
    };
  }

  private static LinkDecoration link(Topology topology, Link link, LinkState live, Texts texts) {
    double ab = live.bytesPerSecondAb();
    double ba = live.bytesPerSecondBa();
    Rate wan = wanRate(topology, link);
    double rate = ab + ba;
    long lost = live.a().dropped() + live.b().dropped();
    return new LinkDecoration(
        text(rate, live, texts),
        load(ab, link.ab().rate().min(wan)),
        load(ba, link.ba().rate().min(wan)),
        live.up(),
        lost == 0 ? "" : texts.get("link.lost", lost));
  }

  /** The rate, the round trip where it is long enough to be felt, and who passes it on. */
  private static String text(double rate, LinkState live, Texts texts) {
    List<String> parts = new ArrayList<>();
    if (rate >= QUIET) {
      parts.add(Units.bitRate(rate));
    }
    live.roundTrip()
        .filter(trip -> trip.compareTo(FAR) >= 0)
        .ifPresent(trip -> parts.add(Units.milliseconds(trip.toNanos() / 1e6)));
    live.relayedBy()
        .filter(_ -> live.up())
        .ifPresent(by -> parts.add(texts.get("link.relayed", MigrationTexts.relay(by, texts))));
    return String.join(" \u00b7 ", parts);
  }

  private static Rate wanRate(Topology topology, Link link) {
    Optional<String> a = topology.regionOf(link.a().node()).map(region -> region.id());
    Optional<String> b = topology.regionOf(link.b().node()).map(region -> region.id());
    if (a.isEmpty() || b.isEmpty()) {
      return Rate.UNLIMITED;
    }
    return topology.wan(a.get(), b.get()).map(Wan::rate).orElse(Rate.UNLIMITED);
  }

  /**
   * How busy a direction is. Without a limit the scale is logarithmic: a trickle is seen, a gigabit
   * is full.
   */
  private static double load(double bytesPerSecond, Rate limit) {
    if (bytesPerSecond < QUIET) {
      return 0;
    }
    if (limit.isUnlimited()) {
      return Math.clamp(
          Math.log10(bytesPerSecond / QUIET) / Math.log10(FULL_LOAD / QUIET), 0.05, 1);
    }
    return Math.clamp(bytesPerSecond * 8 / limit.bitsPerSecond(), 0.05, 1);
  }

  /**
   * How many VMs a region has, and of how many, where its host has others besides: in other regions
   * or labs. Empty for none at all.
   */
  private static Optional<String> vms(
      Topology topology, LabState state, String region, HostState host, Texts texts) {
    long here =
        topology
            .virtualMachines()
            .filter(vm -> state.vm(vm.id()).region().equals(Optional.of(region)))
            .count();
    long devices =
        state.devices().stream()
            .flatMap(id -> state.vm(id).region().flatMap(topology::region).stream())
            .filter(at -> at.host().equals(host.url()))
            .count();
    long all = Math.max(here, host.facts().map(facts -> facts.vms() - devices).orElse(0L));
    if (all == 0) {
      return Optional.empty();
    }
    return Optional.of(
        here == all ? texts.get("host.vms", here) : texts.get("host.vms-of", here, all));
  }

  private static RegionDecoration region(HostState host, Optional<String> vms, Texts texts) {
    boolean reachable = host.status() != HostState.Status.UNREACHABLE;
    Optional<HostFacts> facts = host.facts().filter(_ -> reachable);
    return new RegionDecoration(
        facts
            .filter(_ -> host.status() == HostState.Status.CONNECTED)
            .map(known -> facts(host.url(), known, vms, texts))
            .orElseGet(() -> List.of(HostStates.summary(host, texts))),
        share(facts.map(HostFacts::load)),
        share(facts.filter(known -> known.memoryTotal() > 0).map(Decorator::memoryUsed)),
        reachable,
        host.failure().map(LabException::getMessage).orElse(""));
  }

  /** What matters now comes first. */
  private static List<String> facts(
      HostUrl url, HostFacts facts, Optional<String> vms, Texts texts) {
    List<String> parts = new ArrayList<>();
    vms.ifPresent(parts::add);
    if (url instanceof HostUrl.Ssh && facts.roundTrip().compareTo(FAR) >= 0) {
      parts.add(
          texts.get("host.round-trip", Units.milliseconds(facts.roundTrip().toNanos() / 1e6)));
    }
    parts.add(texts.get("form.region.free", Units.bytes(facts.memoryAvailable())));
    parts.add(texts.get("host.cpus", facts.cpus()));
    return parts;
  }

  private static double memoryUsed(HostFacts facts) {
    return Math.clamp(1 - (double) facts.memoryAvailable() / facts.memoryTotal(), 0, 1);
  }

  private static OptionalDouble share(Optional<Double> value) {
    return value.map(OptionalDouble::of).orElse(OptionalDouble.empty());
  }
}
