// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.Size;
import org.mobitopolo.topology.Symbol;

/**
 * Reads containerlab's topology definition, as its manual has it: nodes with what they inherit from
 * their group, their kind and the defaults; links in brief and extended form.
 */
final class ContainerlabImport {

  private static final Set<String> SPECIAL_ENDS =
      Set.of("host", "mgmt-net", "macvlan", "vxlan", "vxlan-stitch", "dummy");

  /** {@code container:NAME:INTERFACE} is a container that was there before the lab. */
  private static final String FOREIGN_CONTAINER = "container";

  private static final Set<String> SILENT =
      Set.of(
          "kind", "image", "group", "exec", "env", "binds", "memory", "labels", "type",
          "network-mode", "startup-delay", "image-pull-policy", "mgmt-ipv4", "mgmt-ipv6", "position",
          "position-x", "position-y");
  private static final Pattern MEMORY =
      Pattern.compile("(\\d{1,9}(?:\\.\\d{1,3})?)\\s*([KMGkmg]?)i?[Bb]?");
  private static final Pattern SHELL =
      Pattern.compile("(?:/bin/)?(?:ba|a)?sh -c '(.*)'", Pattern.DOTALL);

  private final Draft draft;
  private final LabFolder folder;
  private final Map<String, Object> topology;

  private ContainerlabImport(Draft draft, LabFolder folder, Map<String, Object> topology) {
    this.draft = draft;
    this.folder = folder;
    this.topology = topology;
  }

  static void read(Path file, Draft draft) throws ImportException {
    Map<String, Object> root = Yaml.read(file.getFileName().toString(), LabFolder.text(file));
    if (!root.containsKey("topology")) {
      throw new ImportException(
          file + " is no lab of containerlab: it has no \"topology:\".");
    }
    draft.name(Yaml.text(root.get("name")));
    ContainerlabImport reader =
        new ContainerlabImport(draft, LabFolder.of(file), Yaml.map(root.get("topology")));
    if (root.containsKey("mgmt")) {
      draft.add(
          Finding.leftOut(
              draft.file(), "mgmt", "nodes need no management network: exec and console reach them"));
    }
    Map<String, Map<String, Object>> nodes = reader.nodes();
    // links first: commands tell which interfaces they mean by what is linked
    reader.links();
    for (Map.Entry<String, Map<String, Object>> node : nodes.entrySet()) {
      reader.configure(draft.node(node.getKey()).orElseThrow(), node.getValue());
    }
  }

  private Map<String, Map<String, Object>> nodes() throws ImportException {
    Map<String, Map<String, Object>> all = new LinkedHashMap<>();
    for (Map.Entry<String, Object> entry : Yaml.map(topology.get("nodes")).entrySet()) {
      Map<String, Object> settings = inherited(Yaml.map(entry.getValue()));
      String kind = Yaml.text(settings.get("kind"));
      DraftNode node =
          ForeignKinds.add(
              draft,
              entry.getKey(),
              entry.getKey(),
              kind.isEmpty() ? "linux" : kind,
              Yaml.text(settings.get("image")));
      place(node, Yaml.map(settings.get("labels")));
      all.put(entry.getKey(), settings);
    }
    return all;
  }

  /** A node's settings with those of its group, kind and the defaults behind them. */
  private Map<String, Object> inherited(Map<String, Object> own) {
    Map<String, Object> defaults = Yaml.map(topology.get("defaults"));
    Map<String, Object> group =
        Yaml.map(Yaml.map(topology.get("groups")).get(Yaml.text(own.get("group"))));
    Object kind = own.getOrDefault("kind", group.getOrDefault("kind", defaults.get("kind")));
    Map<String, Object> ofKind = Yaml.map(Yaml.map(topology.get("kinds")).get(Yaml.text(kind)));
    Map<String, Object> result = new LinkedHashMap<>();
    for (Map<String, Object> level : List.of(defaults, ofKind, group, own)) {
      level.forEach((key, value) -> result.merge(key, value, ContainerlabImport::merged));
    }
    result.put("kind", kind);
    return result;
  }

  /** Maps and lists add up, everything else is replaced. */
  private static Object merged(Object outer, Object inner) {
    if (outer instanceof Map && inner instanceof Map) {
      Map<String, Object> both = Yaml.map(outer);
      both.putAll(Yaml.map(inner));
      return both;
    }
    if (outer instanceof List && inner instanceof List) {
      List<Object> both = new ArrayList<>(Yaml.list(outer));
      both.addAll(Yaml.list(inner));
      return both;
    }
    return inner;
  }

  /** The labels with which containerlab's own graph tools place a node. */
  private static void place(DraftNode node, Map<String, Object> labels) {
    node.place(Yaml.text(labels.get("graph-posX")), Yaml.text(labels.get("graph-posY")));
    String icon = Yaml.text(labels.get("graph-icon"));
    node.symbol =
        switch (icon) {
          case "router" -> Symbol.ROUTER;
          case "server" -> Symbol.SERVER;
          case "client" -> Symbol.CLIENT;
          default -> node.symbol;
        };
  }

  private void configure(DraftNode node, Map<String, Object> settings) {
    Yaml.map(settings.get("env")).forEach((name, value) -> environment(node, name, value));
    memory(node, Yaml.text(settings.get("memory")));
    for (Object bind : Yaml.list(settings.get("binds"))) {
      bind(node, Yaml.text(bind));
    }
    CommandReader commands = new CommandReader(draft, node);
    for (Object command : Yaml.list(settings.get("exec"))) {
      Matcher shell = SHELL.matcher(Yaml.text(command).strip());
      if (shell.matches() && !shell.group(1).replace("'\\''", "").contains("'")) {
        commands.script(shell.group(1).replace("'\\''", "'"));
      } else {
        commands.command(Yaml.text(command));
      }
    }
    settings.keySet().stream()
        .filter(key -> !SILENT.contains(key))
        .forEach(
            key ->
                draft.add(Finding.leftOut(node.title, key, "there is nothing like it for a VM here")));
  }

  private void environment(DraftNode node, String name, Object value) {
    if (name.matches("[A-Za-z_][A-Za-z0-9_]{0,127}")) {
      node.env.put(name, Yaml.text(value));
    } else {
      draft.add(Finding.leftOut(node.title, "env " + name, "that is no name of a variable"));
    }
  }

  private void memory(DraftNode node, String text) {
    Matcher matcher = MEMORY.matcher(text);
    if (node.kind == DraftNode.Kind.MACHINE && matcher.matches()) {
      int power = " KMG".indexOf((matcher.group(2) + " ").toUpperCase(Locale.ROOT).charAt(0));
      double mebibytes = Double.parseDouble(matcher.group(1)) * Math.pow(1024, power - 2);
      node.memory = Size.ofMiB(Math.clamp(Math.round(mebibytes), 32, 65536));
      draft.add(Finding.mapped(node.title, "memory " + text, node.memory.toString()));
    }
  }

  /** A text file of the lab's folder is written by the start-up script. */
  private void bind(DraftNode node, String bind) {
    String[] parts = bind.split(":");
    if (parts.length < 2) {
      draft.add(Finding.leftOut(node.title, "bind " + bind, "it names no place in the node"));
      return;
    }
    BoundFile.write(draft, node, folder, parts[0].strip(), parts[1].strip());
  }

  private void links() throws ImportException {
    int external = 0;
    for (Object entry : Yaml.list(topology.get("links"))) {
      Map<String, Object> link = Yaml.map(entry);
      List<Object> ends = Yaml.list(link.getOrDefault("endpoints", link.get("endpoint")));
      if (link.get("endpoint") instanceof Map<?, ?> single) {
        ends = List.of(single);
      }
      String type = Yaml.text(link.get("type"));
      if (ends.size() == 1 && SPECIAL_ENDS.contains(type)) {
        outside(ends.getFirst(), type, ++external);
      } else if (ends.size() == 2) {
        external += pair(ends, link, external);
      } else {
        draft.add(
            Finding.leftOut(
                Draft.limit(entry.toString(), 100), "link", "it has not two endpoints"));
      }
    }
  }

  private record Endpoint(String node, String nic, String mac, List<String> addresses) {
    static Endpoint of(Object end) {
      if (end instanceof Map<?, ?> map) {
        Map<String, Object> fields = Yaml.map(map);
        List<String> addresses = new ArrayList<>();
        addresses.add(Yaml.text(fields.get("ipv4")));
        addresses.add(Yaml.text(fields.get("ipv6")));
        return new Endpoint(
            Yaml.text(fields.get("node")),
            Yaml.text(fields.get("interface")),
            Yaml.text(fields.get("mac")),
            addresses);
      }
      String text = Yaml.text(end);
      int colon = text.indexOf(':');
      return new Endpoint(
          colon < 0 ? text : text.substring(0, colon),
          colon < 0 ? "" : text.substring(colon + 1),
          "",
          List.of());
    }

    @Override
    public String toString() {
      return node + ":" + nic;
    }
  }

  /** Connects two endpoints; the number of gateways that were made. */
  private int pair(List<Object> ends, Map<String, Object> link, int external)
      throws ImportException {
    Endpoint a = Endpoint.of(ends.get(0));
    Endpoint b = Endpoint.of(ends.get(1));
    for (Endpoint end : List.of(a, b)) {
      if (draft.node(end.node()).isEmpty() && SPECIAL_ENDS.contains(end.node())) {
        outside(ends.get(end == a ? 1 : 0), end.node(), external + 1);
        return 1;
      }
      if (draft.node(end.node()).isEmpty() && end.node().equals(FOREIGN_CONTAINER)) {
        draft.add(Finding.leftOut(a + " - " + b, "link", end + " is a container that this lab does not make; its interface stays without a link"));
        Endpoint inner = end == a ? b : a;
        draft.node(inner.node()).filter(_ -> !inner.nic().isEmpty()).ifPresent(node -> node.nic(inner.nic()));
        return 0;
      }
      if (draft.node(end.node()).isEmpty() || end.nic().isEmpty()) {
        draft.add(Finding.leftOut(a + " - " + b, "link", "there is no node " + end));
        return 0;
      }
    }
    Optional<Draft.DraftLink> made =
        draft.connect(node(a), a.nic(), node(b), b.nic());
    if (made.isPresent()) {
      draft.add(Finding.mapped(made.get().title(), "link", "link"));
      addresses(a);
      addresses(b);
      if (link.containsKey("mtu")) {
        draft.add(
            Finding.leftOut(
                made.get().title(), "mtu " + Yaml.text(link.get("mtu")), "links carry 1500 bytes"));
      }
    }
    return 0;
  }

  private DraftNode node(Endpoint end) {
    return draft.node(end.node()).orElseThrow();
  }

  private void addresses(Endpoint end) {
    DraftNode.DraftNic nic = node(end).nic(end.nic());
    if (!end.mac().isEmpty()) {
      nic.mac = Macs.usable(end.mac());
    }
    for (String address : end.addresses()) {
      if (!address.isEmpty()) {
        try {
          nic.addresses.add(Cidr.parse(address));
        } catch (IllegalArgumentException e) {
          draft.add(Finding.leftOut(end.toString(), "address", e.getMessage()));
        }
      }
    }
  }

  /** A link to the computer outside: a gateway of its own. */
  private void outside(Object inner, String type, int number) throws ImportException {
    Endpoint end = Endpoint.of(inner);
    if (draft.node(end.node()).isEmpty() || type.equals("dummy") || type.startsWith("vxlan")) {
      draft.add(Finding.leftOut(end.toString(), "link of type " + type, "there is nothing like it here"));
      return;
    }
    DraftNode gateway =
        ForeignKinds.add(draft, "\0outside" + number, "outside-" + number, type, "");
    draft.connect(node(end), end.nic(), gateway, "port0");
  }
}
