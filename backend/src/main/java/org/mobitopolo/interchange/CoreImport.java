// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.Distribution;
import org.mobitopolo.topology.Impairment;
import org.mobitopolo.topology.Rate;
import org.mobitopolo.topology.Route;
import org.mobitopolo.topology.Size;

/**
 * Reads scenarios of CORE, the Common Open Research Emulator, saved as XML by CORE 6 to 9 (older ones
 * say {@code node_one} and {@code interface_one} where newer ones say {@code node1} and {@code
 * iface1}). Delay and jitter are microseconds there, bandwidth bits a second, loss and duplicates per
 * cent.
 */
final class CoreImport {

  private final Draft draft;
  private final Map<String, Integer> ports = new HashMap<>();
  private final Map<DraftNode, List<Draft.DraftLink>> cables = new HashMap<>();

  private CoreImport(Draft draft) {
    this.draft = draft;
  }

  static void read(Path file, Draft draft) throws ImportException {
    Xml.Element scenario = Xml.read(file, "scenario");
    if (!scenario.get("name").isBlank()) {
      draft.name(scenario.get("name").replaceFirst(".*/", ""));
    }
    CoreImport reader = new CoreImport(draft);
    for (Xml.Element network : scenario.in("networks", "network")) {
      reader.network(network);
    }
    for (Xml.Element device : scenario.in("devices", "device")) {
      reader.device(device);
    }
    for (Xml.Element link : scenario.in("links", "link")) {
      reader.link(link);
    }
    reader.joinHosts();
    reader.defaultRoutes();
    reader.custom(scenario);
    for (String part : List.of("mobility_configurations", "emane_global_configuration", "session_hooks")) {
      scenario
          .first(part)
          .filter(element -> !element.children().isEmpty())
          .ifPresent(
              _ -> draft.add(Finding.leftOut(draft.file(), part, "there is nothing like it here")));
    }
  }

  private void network(Xml.Element network) throws ImportException {
    add(network, network.get("type"));
  }

  private void device(Xml.Element device) throws ImportException {
    String type = device.get("type").isEmpty() ? "PC" : device.get("type");
    DraftNode node = add(device, type.equals("host") ? "server" : type);
    String services =
        Stream.of("services", "configservices")
            .flatMap(list -> device.in(list, "service").stream())
            .map(service -> service.get("name"))
            .collect(Collectors.joining(", "));
    if (!services.isEmpty()) {
      draft.add(
          Finding.changed(
              node.title,
              "services " + Draft.limit(services, 120),
              node.forward ? "a router with static routes" : "a default route where there is one router",
              "services of CORE are not in the image \"small\""));
    }
  }

  private DraftNode add(Xml.Element element, String type) throws ImportException {
    DraftNode node =
        ForeignKinds.add(draft, element.get("id"), element.get("name"), type, element.get("image"));
    element
        .first("position")
        .ifPresent(position -> node.place(position.get("x"), position.get("y")));
    return node;
  }

  private static String either(Xml.Element element, String newer, String older) {
    return element.get(newer).isEmpty() ? element.get(older) : element.get(newer);
  }

  private void link(Xml.Element element) throws ImportException {
    String idA = either(element, "node1", "node_one");
    String idB = either(element, "node2", "node_two");
    Optional<DraftNode> a = draft.node(idA);
    Optional<DraftNode> b = draft.node(idB);
    if (a.isEmpty() || b.isEmpty()) {
      draft.add(
          Finding.leftOut(idA + " - " + idB, "link", "one of its nodes does not exist"));
      return;
    }
    Optional<Xml.Element> one = element.first("iface1").or(() -> element.first("interface_one"));
    Optional<Xml.Element> two = element.first("iface2").or(() -> element.first("interface_two"));
    String nicA = nic(idA, a.get(), one);
    String nicB = nic(idB, b.get(), two);
    Optional<Xml.Element> options = element.first("options");
    boolean oneWay = options.filter(o -> o.get("unidirectional").equals("1")).isPresent();
    Optional<Draft.DraftLink> existing = draft.linkAt(a.get(), nicA);
    if (oneWay && existing.isPresent() && existing.equals(draft.linkAt(b.get(), nicB))) {
      // the second entry of a link whose directions differ
      options.ifPresent(o -> existing.get().impair(a.get(), impairment(existing.get().title(), o)));
      return;
    }
    Optional<Draft.DraftLink> link = draft.connect(a.get(), nicA, b.get(), nicB);
    if (link.isEmpty()) {
      return;
    }
    one.ifPresent(nic -> configure(a.get(), nicA, nic));
    two.ifPresent(nic -> configure(b.get(), nicB, nic));
    Impairment impairment =
        options.map(o -> impairment(link.get().title(), o)).orElse(Impairment.NONE);
    link.get().ab = impairment;
    if (!oneWay) {
      link.get().ba = impairment;
    }
    draft.add(Finding.mapped(link.get().title(), "link", "link"));
  }

  /** The interface's name; networks of CORE have ports without names. */
  private String nic(String id, DraftNode node, Optional<Xml.Element> nic) {
    if (node.kind == DraftNode.Kind.MACHINE && nic.isPresent()) {
      String name = nic.get().get("name");
      return name.isEmpty() ? "eth" + nic.get().get("id") : name;
    }
    return "port" + (ports.merge(id, 1, Integer::sum) - 1);
  }

  private void configure(DraftNode node, String name, Xml.Element element) {
    DraftNode.DraftNic nic = node.nic(name);
    nic.mac = Macs.usable(element.get("mac"));
    if (node.kind != DraftNode.Kind.MACHINE) {
      return;
    }
    for (String family : List.of("ip4", "ip6")) {
      String address = element.get(family);
      if (address.isEmpty()) {
        continue;
      }
      String prefix = element.get(family + "_mask");
      try {
        nic.addresses.add(Cidr.parse(address + (address.contains("/") ? "" : "/" + prefix)));
        draft.add(Finding.mapped(node.title + ":" + name, address + "/" + prefix, "address"));
      } catch (IllegalArgumentException e) {
        draft.add(Finding.leftOut(node.title + ":" + name, family, e.getMessage()));
      }
    }
  }

  private Impairment impairment(String link, Xml.Element options) {
    double delay = Math.clamp(number(options, "delay"), 0, 30e6);
    double jitter = Math.clamp(number(options, "jitter"), 0, 30e6);
    double bandwidth = Math.clamp(number(options, "bandwidth"), 0, 1e15);
    double loss = number(options, options.get("loss").isEmpty() ? "per" : "loss");
    Impairment result =
        Impairment.NONE
            .withDelay(Duration.ofNanos((long) delay * 1000))
            .withJitter(Duration.ofNanos((long) jitter * 1000), Distribution.NORMAL)
            .withLoss(Math.clamp(loss, 0, 100) / 100, 0)
            .withDuplicate(Math.clamp(number(options, "dup"), 0, 100) / 100)
            .withRate(new Rate((long) bandwidth), Size.ZERO);
    if (!result.isNone()) {
      draft.add(Finding.mapped(link, "delay, bandwidth, loss", "what the link does to frames"));
    }
    return result;
  }

  private static double number(Xml.Element element, String attribute) {
    try {
      double value = Double.parseDouble(element.get(attribute));
      return Double.isFinite(value) ? value : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /**
   * CORE gives nodes of a radio network addresses of their own alone (/32, /128), between which its routing daemons find ways. Without these
   * they get the length with which they reach each other on their switch.
   */
  private void joinHosts() {
    for (DraftNode network : draft.nodes()) {
      if (network.kind == DraftNode.Kind.SWITCH) {
        List<Member> members = members(network);
        joinHosts(network, members, true, 24);
        joinHosts(network, members, false, 64);
      }
    }
  }

  /** An interface in a network. */
  private record Member(DraftNode node, String nic) {
    Set<Cidr> addresses() {
      return node.nic(nic).addresses;
    }
  }

  private List<Member> members(DraftNode network) {
    List<Member> members = new ArrayList<>();
    for (Draft.DraftLink link : draft.links()) {
      if (link.a == network) {
        members.add(new Member(link.b, link.nicB));
      } else if (link.b == network) {
        members.add(new Member(link.a, link.nicA));
      }
    }
    return members;
  }

  private void joinHosts(DraftNode network, List<Member> members, boolean four, int length) {
    List<Cidr> lonely = members.stream().flatMap(member -> member.addresses().stream()).filter(address -> isLonely(address, four)).toList();
    if (lonely.size() < 2 || !lonely.stream().allMatch(address -> new Cidr(lonely.getFirst().address(), length).contains(address.address()))) {
      return;
    }
    for (Member member : members) {
      List<Cidr> had = List.copyOf(member.addresses());
      member.addresses().clear();
      for (Cidr address : had) {
        Cidr wanted = isLonely(address, four) ? new Cidr(address.address(), length) : address;
        member.addresses().add(wanted);
        if (!wanted.equals(address)) {
          String why = "the nodes of " + network.title + " reach each other without a routing daemon so";
          draft.add(Finding.changed(member.node().title + ":" + member.nic(), "address " + address, wanted.toString(), why));
        }
      }
    }
  }

  private static boolean isLonely(Cidr address, boolean four) {
    return address.isIpv4() == four && address.prefixLength() == (four ? 32 : 128);
  }

  /** What CORE's service DefaultRoute does: machines that don't forward send through a router. */
  private void defaultRoutes() {
    for (Draft.DraftLink link : draft.links()) {
      cables.computeIfAbsent(link.a, _ -> new ArrayList<>()).add(link);
      cables.computeIfAbsent(link.b, _ -> new ArrayList<>()).add(link);
    }
    for (DraftNode node : draft.nodes()) {
      if (node.kind != DraftNode.Kind.MACHINE || node.forward) {
        continue;
      }
      List<Cidr> routers = routersNextTo(node);
      if (routers.size() == 1) {
        node.routes.add(Route.parse("default", routers.getFirst().address()));
        draft.add(Finding.mapped(node.title, "service DefaultRoute", "default route"));
      }
    }
  }

  /** Addresses of routers in the machine's networks, whether cabled directly or through switches. */
  private List<Cidr> routersNextTo(DraftNode start) {
    Set<DraftNode> segment = new LinkedHashSet<>(Set.of(start));
    Deque<DraftNode> waiting = new ArrayDeque<>(segment);
    List<Cidr> found = new ArrayList<>();
    while (!waiting.isEmpty()) {
      DraftNode node = waiting.poll();
      for (Draft.DraftLink link : cables.getOrDefault(node, List.of())) {
        DraftNode other = link.a == node ? link.b : link.a;
        if (other.forward) {
          other.nic(link.a == node ? link.nicB : link.nicA).addresses.stream()
              .filter(address -> address.isIpv4() && start.reaches(address.address()))
              .forEach(found::add);
        } else if (other.kind == DraftNode.Kind.SWITCH && segment.add(other)) {
          waiting.add(other);
        }
      }
    }
    return found;
  }

  private void custom(Xml.Element scenario) {
    for (Xml.Element service : scenario.in("service_configurations", "service")) {
      String title = draft.node(service.get("node")).map(node -> node.title).orElse(service.get("node"));
      draft.add(
          Finding.leftOut(
              title,
              "configuration of service " + service.get("name"),
              "services of CORE are not in the image \"small\""));
    }
  }
}
