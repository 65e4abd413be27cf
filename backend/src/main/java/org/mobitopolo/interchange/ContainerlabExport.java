// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.Gateway;
import org.mobitopolo.topology.Impairment;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Nic;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Rate;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Switch;
import org.mobitopolo.topology.Symbol;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;
import org.mobitopolo.topology.Wan;

/**
 * Writes a topology for containerlab. VMs become Linux containers without a management network, so
 * that their eth0 is free for the lab; addresses, routes and impairments become commands that run
 * once the container is up. {@link ContainerlabImport} reads it back as the same lab, but for what
 * the findings say.
 */
public final class ContainerlabExport {

  /** A small Linux with {@code ip} and {@code tc}. */
  static final String IMAGE = "ghcr.io/srl-labs/network-multitool";

  private static final int LONGEST_INTERFACE = 15;

  /**
   * What an export gave.
   *
   * @param yaml the text of the {@code .clab.yml} file
   */
  public record Exported(String yaml, List<Finding> findings) {
    public Exported {
      findings = List.copyOf(findings);
    }
  }

  private final Topology topology;
  private final List<Finding> findings = new ArrayList<>();

  private ContainerlabExport(Topology topology) {
    this.topology = topology;
  }

  /** Writes a topology that has no errors. */
  public static Exported write(Topology topology) {
    return new ContainerlabExport(topology).write();
  }

  private Exported write() {
    Map<String, Object> nodes = new LinkedHashMap<>();
    for (Node node : topology.nodes()) {
      switch (node) {
        case VirtualMachine vm -> nodes.put(vm.name(), machine(vm));
        case Switch bridge -> nodes.put(bridge.name(), bridge(bridge));
        case Gateway gateway ->
            findings.add(
                Finding.leftOut(
                    gateway.name(),
                    "gateway",
                    "containerlab has no address translation of its own; give the container its"
                        + " management network back to let it out"));
      }
    }
    Map<String, Object> inner = new LinkedHashMap<>();
    inner.put("nodes", nodes);
    inner.put("links", topology.links().stream().filter(this::isInside).map(this::link).toList());
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("name", labName());
    root.put("topology", inner);
    for (Region region : topology.regions()) {
      findings.add(
          Finding.leftOut(
              region.name(),
              "region",
              "containerlab runs all nodes on one computer; the distance to other regions is in the"
                  + " links that cross it"));
    }
    if (!topology.notes().isEmpty()) {
      findings.add(Finding.leftOut(topology.name(), "notes", "containerlab has no notes"));
    }
    return new Exported(Yaml.write(root), findings);
  }

  private String labName() {
    String plain =
        topology.name().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
    return plain.isEmpty() ? "lab" : plain;
  }

  private boolean isInside(Link link) {
    boolean inside =
        !(topology.node(link.a().node()).orElseThrow() instanceof Gateway)
            && !(topology.node(link.b().node()).orElseThrow() instanceof Gateway);
    if (!inside) {
      findings.add(Finding.leftOut(link.id(), "link", "its gateway was left out"));
    }
    return inside;
  }

  private Map<String, Object> machine(VirtualMachine vm) {
    Map<String, Object> node = new LinkedHashMap<>();
    node.put("kind", "linux");
    node.put("image", IMAGE);
    node.put("network-mode", "none");
    node.put("memory", vm.memory().toMiB() + "MiB");
    if (!vm.env().isEmpty()) {
      node.put("env", vm.env());
    }
    List<String> commands = new ArrayList<>();
    if (vm.forward()) {
      commands.add("sysctl -w net.ipv4.ip_forward=1");
      commands.add("sysctl -w net.ipv6.conf.all.forwarding=1");
    }
    for (Nic nic : vm.nics()) {
      for (Cidr address : nic.addresses()) {
        commands.add(
            (address.isIpv4() ? "ip" : "ip -6") + " address add " + address + " dev " + nic.name());
      }
      impairment(new End(vm.id(), nic.name())).ifPresent(commands::add);
    }
    vm.routes()
        .forEach(
            route ->
                commands.add(
                    (route.to().isIpv4() ? "ip" : "ip -6")
                        + " route replace "
                        + route.destination()
                        + " via "
                        + route.via().getHostAddress()));
    if (!vm.startup().isBlank()) {
      commands.add("sh -c '" + vm.startup().replace("'", "'\\''") + "'");
    }
    if (!commands.isEmpty()) {
      node.put("exec", commands);
    }
    node.put("labels", labels(vm, symbol(vm.symbol())));
    findings.add(
        vm.image().equals(VirtualMachine.DEFAULT_IMAGE)
            ? Finding.mapped(vm.name(), "VM", "Linux container with image " + IMAGE)
            : Finding.changed(
                vm.name(),
                "image " + vm.image(),
                "Linux container with image " + IMAGE,
                "disks of VMs are no container images; put the container's image in its place"));
    return node;
  }

  private Map<String, Object> bridge(Switch bridge) {
    findings.add(
        Finding.changed(
            bridge.name(),
            "switch",
            "bridge",
            "make it on the host first: ip link add " + bridge.name() + " type bridge"));
    if (bridge.nics().stream().anyMatch(nic -> nic.vlan().isPresent())) {
      findings.add(
          Finding.leftOut(
              bridge.name(), "VLANs", "set them on the host: bridge vlan add vid ... dev ..."));
    }
    Map<String, Object> node = new LinkedHashMap<>();
    node.put("kind", "bridge");
    node.put("labels", labels(bridge, "switch"));
    return node;
  }

  private static Map<String, Object> labels(Node node, String icon) {
    Map<String, Object> labels = new LinkedHashMap<>();
    labels.put("graph-icon", icon);
    labels.put("graph-posX", String.valueOf(node.position().x()));
    labels.put("graph-posY", String.valueOf(node.position().y()));
    return labels;
  }

  private static String symbol(Symbol symbol) {
    return symbol == Symbol.VM ? "host" : symbol.name().toLowerCase(Locale.ROOT);
  }

  /** The command that makes an interface do what the link does to the frames it sends. */
  private Optional<String> impairment(End end) {
    return topology
        .linkAt(end)
        .filter(link -> !impairment(link, end).isNone())
        .map(
            link ->
                "tc qdisc replace dev "
                    + end.nic()
                    + " root netem "
                    + Netem.format(impairment(link, end)));
  }

  /** What happens to frames from an end, with the distance between the regions. */
  private Impairment impairment(Link link, End from) {
    Impairment own = link.a().equals(from) ? link.ab() : link.ba();
    return topology
        .regionOf(link.a().node())
        .flatMap(a -> topology.regionOf(link.b().node()).flatMap(b -> topology.wan(a.id(), b.id())))
        .map(wan -> added(own, wan))
        .orElse(own);
  }

  private static Impairment added(Impairment own, Wan wan) {
    Rate rate = own.rate().min(wan.rate());
    return own.withDelay(own.delay().plus(wan.delay())).withRate(rate, own.queue());
  }

  private Map<String, Object> link(Link link) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("type", "veth");
    result.put("endpoints", List.of(end(link.a(), link), end(link.b(), link)));
    return result;
  }

  private Map<String, Object> end(End end, Link link) {
    Node node = topology.node(end.node()).orElseThrow();
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("node", node.name());
    result.put("interface", node instanceof Switch ? port(node.name(), end.nic()) : end.nic());
    result.put("mac", node.nic(end.nic()).orElseThrow().mac());
    if (node instanceof Switch && !(link.a().equals(end) ? link.ab() : link.ba()).isNone()) {
      findings.add(
          Finding.leftOut(
              link.id(),
              "impairment of what " + node.name() + " sends",
              "a bridge runs no commands; set it with containerlab tools netem"));
    }
    return result;
  }

  /** A port's name on the host, where all bridges' ports lie side by side. */
  private static String port(String bridge, String port) {
    String number = port.replaceFirst("^port", "p");
    return Draft.limit(bridge, LONGEST_INTERFACE - number.length()) + number;
  }
}
