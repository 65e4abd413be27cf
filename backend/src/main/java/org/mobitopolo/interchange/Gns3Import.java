// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.Distribution;
import org.mobitopolo.topology.Impairment;
import org.mobitopolo.topology.Nic;
import org.mobitopolo.topology.Size;
import org.mobitopolo.topology.Symbol;
import org.mobitopolo.topology.Validator;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads projects of GNS3 2 and 3: {@code .gns3}, or a portable project with that file in it. VPCS
 * and Docker nodes bring their addresses along, from the files that GNS3 keeps for them.
 */
final class Gns3Import {

  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");
  private static final Pattern ROUTERS = Pattern.compile("router|multilayer|firewall|^asa");
  private static final Pattern CLIENTS = Pattern.compile("client|computer|laptop|^pc|vpcs");
  private static final int MOST_FILES = 100;

  private final Draft draft;
  private final Gns3Files files;

  /** The project's variables, which all its containers have. */
  private final Map<String, String> variables = new LinkedHashMap<>();

  private Gns3Import(Draft draft, Gns3Files files) {
    this.draft = draft;
    this.files = files;
  }

  static void read(Path file, Draft draft) throws ImportException {
    try (Gns3Files files = Gns3Files.open(file)) {
      JsonNode root = parse(file, files.project());
      JsonNode topology = root.path("topology");
      JsonNode nodes = topology.path("nodes");
      requireVersion2(file, nodes);
      draft.name(root.path("name").asString(""));
      Gns3Import reader = new Gns3Import(draft, files);
      for (JsonNode variable : root.path("variables")) {
        reader.variable(text(variable, "name"), text(variable, "value"));
      }
      for (JsonNode node : nodes) {
        reader.node(node);
      }
      for (JsonNode link : topology.path("links")) {
        reader.link(link);
      }
      for (JsonNode node : nodes) {
        reader.configure(node);
      }
      Gns3Drawing.read(draft, topology.path("drawings"));
    }
  }

  private static JsonNode parse(Path file, String text) throws ImportException {
    try {
      return MAPPER.readTree(text);
    } catch (JacksonException e) {
      throw new ImportException(
          file + " is damaged: " + e.getOriginalMessage().lines().findFirst().orElse("") + ".", e);
    }
  }

  /** Projects of GNS3 1 have a list of nodes too, but with other fields. */
  private static void requireVersion2(Path file, JsonNode nodes) throws ImportException {
    String fault = nodes.isArray() ? "" : "it has no list of nodes";
    for (JsonNode node : nodes) {
      if (text(node, "node_id").isEmpty() || text(node, "node_type").isEmpty()) {
        fault = "it has a node without node_id and node_type, as files of GNS3 1 have";
      }
    }
    if (!fault.isEmpty()) {
      throw new ImportException(
          file
              + " is no GNS3 project of version 2 or 3: "
              + fault
              + ". Open it with GNS3 of today, and import what that makes of it.");
    }
  }

  private static String text(JsonNode parent, String field) {
    return parent.path(field).asString("");
  }

  private static double number(JsonNode json, double otherwise) {
    return json.isNumber() ? json.asDouble(otherwise) : otherwise;
  }

  private void variable(String name, String value) {
    if (VARIABLE.matcher(name).matches()) {
      variables.put(name, value);
    } else {
      draft.add(
          Finding.leftOut(
              draft.file(), "variable " + Draft.limit(name, 80), "that is no name of a variable"));
    }
  }

  private void node(JsonNode json) throws ImportException {
    String id = text(json, "node_id");
    Optional<DraftNode> other = draft.node(id);
    if (other.isPresent()) {
      throw new ImportException(
          draft.file()
              + " is damaged: \""
              + Draft.limit(other.get().title, 100)
              + "\" and \""
              + Draft.limit(text(json, "name"), 100)
              + "\" have the same node_id \""
              + Draft.limit(id, 100)
              + "\", so it is not known which one links mean. Export the project again.");
    }
    JsonNode properties = json.path("properties");
    String image = text(properties, "image");
    DraftNode node =
        ForeignKinds.add(
            draft,
            id,
            text(json, "name"),
            text(json, "node_type"),
            image.isEmpty() ? text(properties, "hda_disk_image") : image);
    symbol(node, text(json, "symbol"));
    double width = number(json.path("width"), 0);
    double height = number(json.path("height"), 0);
    node.place(
        number(json.path("x"), 0) + width / 2, number(json.path("y"), 0) + height / 2);
  }

  /** What a node is drawn as tells what it is for where its kind does not. */
  private void symbol(DraftNode node, String symbol) {
    String name = symbol.substring(symbol.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
    if (node.kind != DraftNode.Kind.MACHINE || node.symbol != Symbol.VM) {
      return;
    }
    if (ROUTERS.matcher(name).find()) {
      node.symbol = Symbol.ROUTER;
      node.forward = true;
      draft.add(Finding.mapped(node.title, "symbol " + name, "router that forwards"));
    } else if (name.contains("server")) {
      node.symbol = Symbol.SERVER;
    } else if (CLIENTS.matcher(name).find()) {
      node.symbol = Symbol.CLIENT;
    }
  }

  private void link(JsonNode json) throws ImportException {
    JsonNode ends = json.path("nodes");
    Optional<DraftNode> a = draft.node(text(ends.path(0), "node_id"));
    Optional<DraftNode> b = draft.node(text(ends.path(1), "node_id"));
    if (ends.size() != 2 || a.isEmpty() || b.isEmpty()) {
      draft.add(Finding.leftOut(text(json, "link_id"), "link", "it has not two nodes"));
      return;
    }
    Optional<Draft.DraftLink> link =
        draft.connect(a.get(), nic(a.get(), ends.path(0)), b.get(), nic(b.get(), ends.path(1)));
    if (link.isPresent()) {
      draft.add(Finding.mapped(link.get().title(), "link", "link"));
      Impairment impairment = filters(link.get().title(), json.path("filters"));
      link.get().ab = impairment;
      link.get().ba = impairment;
      if (json.path("suspend").asBoolean(false)) {
        draft.add(Finding.leftOut(link.get().title(), "suspension", "the link is whole here"));
      }
    }
  }

  /** The interface a link ends at; machines of one port an adapter have eth0, eth1 ... */
  private static String nic(DraftNode node, JsonNode end) {
    int adapter = end.path("adapter_number").asInt(0);
    int port = end.path("port_number").asInt(0);
    return switch (node.kind) {
      case MACHINE -> port == 0 ? "eth" + adapter : adapter + "/" + port;
      case SWITCH, GATEWAY -> "port" + port;
    };
  }

  /** GNS3's packet filters act on both directions. */
  private Impairment filters(String link, JsonNode filters) {
    Impairment result = Impairment.NONE;
    for (Map.Entry<String, JsonNode> filter : filters.properties()) {
      double first = number(filter.getValue().path(0), 0);
      switch (filter.getKey()) {
        case "delay" -> {
          double jitter = number(filter.getValue().path(1), 0);
          result =
              result.withDelay(millis(first)).withJitter(millis(jitter), Distribution.UNIFORM);
          draft.add(
              Finding.mapped(link, "filter delay", first + " ms, jitter " + jitter + " ms"));
        }
        case "packet_loss" -> {
          result = result.withLoss(percent(first), 0);
          draft.add(Finding.mapped(link, "filter packet_loss", first + "% loss"));
        }
        case "corrupt" -> {
          result = result.withCorrupt(percent(first));
          draft.add(Finding.mapped(link, "filter corrupt", first + "% corrupted"));
        }
        default ->
            draft.add(
                Finding.leftOut(link, "filter " + filter.getKey(), "there is nothing like it here"));
      }
    }
    return result;
  }

  private static Duration millis(double value) {
    return Duration.ofNanos((long) (Math.clamp(value, 0, 30_000) * 1e6));
  }

  private static double percent(double value) {
    return Math.clamp(value, 0, 100) / 100;
  }

  private void configure(JsonNode json) {
    String id = text(json, "node_id");
    DraftNode node = draft.node(id).orElseThrow();
    JsonNode properties = json.path("properties");
    switch (text(json, "node_type")) {
      case "vpcs" -> vpcs(node, id, properties);
      case "docker" -> {
        macs(node, json);
        docker(node, id, properties);
      }
      case "ethernet_switch" -> ports(node, properties.path("ports_mapping"));
      case "qemu" -> {
        macs(node, json);
        otherSystem(node);
      }
      case "dynamips", "iou" -> otherSystem(node);
      default -> {}
    }
  }

  private void otherSystem(DraftNode node) {
    draft.add(
        Finding.leftOut(
            node.title, "configuration", "it is written for the system of that device"));
  }

  /** Adapters count on from the node's address, unless they have one of their own. */
  private void macs(DraftNode node, JsonNode json) {
    Optional<String> first = Macs.usable(text(json.path("properties"), "mac_address"));
    for (int adapter = 0; adapter < Validator.MOST_NICS; adapter++) {
      int number = adapter;
      Optional<DraftNode.DraftNic> nic = node.existingNic("eth" + adapter);
      Optional<String> own =
          json.path("custom_adapters").values().stream()
              .filter(custom -> custom.path("adapter_number").asInt(-1) == number)
              .findFirst()
              .flatMap(custom -> Macs.usable(text(custom, "mac_address")));
      nic.ifPresent(
          found -> found.mac = own.or(() -> first.flatMap(mac -> Macs.after(mac, number))));
    }
  }

  /** A file that GNS3 keeps for a node; empty, with a finding, when it can't be read. */
  private Optional<String> file(DraftNode node, String kind, String id, String name) {
    try {
      return isPlain(id)
          ? files.part("project-files/" + kind + "/" + id + "/" + name)
          : Optional.empty();
    } catch (ImportException e) {
      draft.add(Finding.leftOut(node.title, "file " + name, e.getMessage()));
      return Optional.empty();
    }
  }

  /** Whether an id is one as GNS3 makes them, so that no folder but the node's own is looked at. */
  private static boolean isPlain(String id) {
    return id.matches("[0-9A-Za-z-]{1,64}");
  }

  private void vpcs(DraftNode node, String id, JsonNode properties) {
    String kept = text(properties, "startup_script");
    file(node, "vpcs", id, "startup.vpc")
        .or(() -> Optional.of(kept).filter(script -> !script.isEmpty()))
        .ifPresent(new VpcsFile(draft, node)::read);
  }

  private void docker(DraftNode node, String id, JsonNode properties) {
    node.env.putAll(variables);
    text(properties, "environment").lines().forEach(line -> environment(node, line));
    int memory = properties.path("memory").asInt(0);
    if (memory > 0) {
      node.memory = Size.ofMiB(Math.clamp(memory, 32, 65536));
      draft.add(Finding.mapped(node.title, "memory " + memory + " MB", node.memory.toString()));
    }
    text(properties, "extra_hosts").lines().forEach(line -> host(node, line));
    volumes(node, id);
    file(node, "docker", id, "etc/network/interfaces")
        .ifPresent(interfaces -> new InterfacesFile(draft, node).read(interfaces));
    String command = text(properties, "start_command");
    if (!command.isEmpty()) {
      node.script(command + " &\n");
      draft.add(
          Finding.changed(
              node.title,
              "start command " + command,
              "start-up script",
              "it runs with the programs of the image \"small\", which may not have them all"));
    }
    // Docker lets its host forward, and containers begin with what their host does
    long nics =
        IntStream.range(0, Validator.MOST_NICS)
            .filter(number -> node.existingNic("eth" + number).isPresent())
            .count();
    if (nics > 1 && !node.forward) {
      node.forward = true;
      draft.add(Finding.mapped(node.title, nics + " interfaces", "forwards packets"));
    }
  }

  private void environment(DraftNode node, String line) {
    int equals = line.indexOf('=');
    if (equals > 0 && VARIABLE.matcher(line.substring(0, equals)).matches()) {
      String value = line.substring(equals + 1);
      for (Map.Entry<String, String> variable : variables.entrySet()) {
        value = value.replace("${" + variable.getKey() + "}", variable.getValue());
      }
      node.env.put(line.substring(0, equals), value);
    } else if (!line.isBlank()) {
      draft.add(
          Finding.leftOut(
              node.title, "environment " + Draft.limit(line, 80), "it is no NAME=value"));
    }
  }

  /** {@code NAME:ADDRESS}. */
  private void host(DraftNode node, String line) {
    String subject = "extra host " + Draft.limit(line, 80);
    String[] parts = line.strip().split(":", 2);
    try {
      if (parts.length == 2 && parts[0].matches("[A-Za-z0-9._-]{1,253}")) {
        String address = Cidr.parseAddress(parts[1]).getHostAddress();
        node.script("echo '" + address + " " + parts[0] + "' >> /etc/hosts\n");
        draft.add(Finding.mapped(node.title, subject, "/etc/hosts in the start-up script"));
      } else if (!line.isBlank()) {
        draft.add(Finding.leftOut(node.title, subject, "it is no NAME:ADDRESS"));
      }
    } catch (IllegalArgumentException e) {
      draft.add(Finding.leftOut(node.title, subject, e.getMessage()));
    }
  }

  /** The files that a container keeps, in folders named as in the container. */
  private void volumes(DraftNode node, String id) {
    String folder = "project-files/docker/" + id;
    String subject = "files of its volumes";
    try {
      List<String> names =
          (isPlain(id) ? files.below(folder) : List.<String>of())
              .stream()
                  .map(name -> name.substring(folder.length()))
                  .filter(name -> !name.endsWith("/.gns3_perms"))
                  .filter(name -> !name.equals("/etc/network/interfaces"))
                  .toList();
      if (names.size() > MOST_FILES) {
        draft.add(
            Finding.leftOut(
                node.title,
                subject,
                "they are more than " + MOST_FILES + ", too many for a start-up script"));
        return;
      }
      for (String name : names) {
        BoundFile.write(draft, node, () -> present(folder + name), name, name);
      }
    } catch (ImportException e) {
      draft.add(Finding.leftOut(node.title, subject, e.getMessage()));
    }
  }

  private String present(String name) throws ImportException {
    return files.part(name).orElseThrow(() -> new ImportException("it can't be read"));
  }

  private void ports(DraftNode node, JsonNode ports) {
    for (JsonNode port : ports) {
      String name = "port" + port.path("port_number").asInt(-1);
      int vlan = port.path("vlan").asInt(1);
      String type = text(port, "type").toLowerCase(Locale.ROOT);
      String subject = (type.isEmpty() ? "access" : type) + " VLAN " + vlan;
      Optional<DraftNode.DraftNic> nic = node.existingNic(name);
      boolean access = type.isEmpty() || type.equals("access");
      if (nic.isPresent()) {
        draft.add(port(nic.get(), node.title + ":" + name, subject, access ? "" : type, vlan));
      } else if (!access || vlan != 1) {
        draft.add(
            Finding.leftOut(
                node.title + ":" + name, subject, "ports without a link are not kept"));
      }
    }
  }

  private static Finding port(
      DraftNode.DraftNic nic, String title, String subject, String trunk, int vlan) {
    if (trunk.isEmpty() && (vlan < 1 || vlan > Nic.LAST_VLAN)) {
      return Finding.leftOut(title, subject, "VLANs go from 1 to " + Nic.LAST_VLAN);
    }
    if (trunk.isEmpty()) {
      nic.vlan = OptionalInt.of(vlan);
      return Finding.mapped(title, subject, "VLAN");
    }
    if (!trunk.equals("dot1q")) {
      return Finding.changed(title, subject, "trunk", "frames get no second tag here");
    }
    return vlan == 1
        ? Finding.mapped(title, subject, "trunk")
        : Finding.changed(
            title, subject, "trunk", "on a trunk VLAN 1 has no tag here, and all others have one");
  }
}
