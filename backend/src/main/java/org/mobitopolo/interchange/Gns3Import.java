// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.Distribution;
import org.mobitopolo.topology.Impairment;
import org.mobitopolo.topology.Nic;
import org.mobitopolo.topology.Route;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads projects of GNS3 2 and 3: {@code .gns3}, or a portable project with that file in it. VPCS
 * and Docker nodes bring their addresses along, from the files that GNS3 keeps for them.
 */
final class Gns3Import {

  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final Pattern TAG = Pattern.compile("<[^<>]*>");
  private static final Pattern VPCS_IP =
      Pattern.compile("ip\\s+([0-9.]+)(?:/(\\d{1,2}))?(?:\\s+([0-9.]+))?(?:\\s+(\\d{1,2}))?\\s*");
  private static final Pattern VPCS_IP6 = Pattern.compile("ip\\s+([0-9A-Fa-f:]+/\\d{1,3})\\b.*");

  private final Draft draft;
  private final Gns3Files files;
  private final Map<String, JsonNode> byId = new HashMap<>();

  private Gns3Import(Draft draft, Gns3Files files) {
    this.draft = draft;
    this.files = files;
  }

  static void read(Path file, Draft draft) throws ImportException {
    try (Gns3Files files = Gns3Files.open(file)) {
      JsonNode root = parse(file, files.project());
      JsonNode topology = root.path("topology");
      if (!topology.path("nodes").isArray()) {
        throw new ImportException(
            file
                + " is no GNS3 project of version 2 or 3: it has no list of nodes. Open and save it"
                + " with GNS3 of today.");
      }
      draft.name(root.path("name").asString(""));
      Gns3Import reader = new Gns3Import(draft, files);
      for (JsonNode node : topology.path("nodes")) {
        reader.node(node);
      }
      for (JsonNode link : topology.path("links")) {
        reader.link(link);
      }
      for (JsonNode node : topology.path("nodes")) {
        reader.configure(node);
      }
      for (JsonNode drawing : topology.path("drawings")) {
        reader.drawing(drawing);
      }
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

  private static String text(JsonNode parent, String field) {
    return parent.path(field).asString("");
  }

  private void node(JsonNode json) throws ImportException {
    String id = text(json, "node_id");
    JsonNode properties = json.path("properties");
    DraftNode node =
        ForeignKinds.add(
            draft, id, text(json, "name"), text(json, "node_type"), text(properties, "image"));
    byId.put(id, json);
    double width = json.path("width").asDouble(0);
    double height = json.path("height").asDouble(0);
    node.place(
        json.path("x").asDouble(0) + width / 2, json.path("y").asDouble(0) + height / 2);
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
      double first = filter.getValue().path(0).asDouble(0);
      switch (filter.getKey()) {
        case "delay" -> {
          double jitter = filter.getValue().path(1).asDouble(0);
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

  private void configure(JsonNode json) throws ImportException {
    String id = text(json, "node_id");
    DraftNode node = draft.node(id).orElseThrow();
    JsonNode properties = json.path("properties");
    switch (text(json, "node_type")) {
      case "vpcs" -> vpcs(node, id, properties);
      case "docker" -> docker(node, id, properties);
      case "ethernet_switch" -> ports(node, properties.path("ports_mapping"));
      case "dynamips", "iou", "qemu" ->
          draft.add(
              Finding.leftOut(
                  node.title, "configuration", "it is written for the system of that device"));
      default -> {}
    }
  }

  private void vpcs(DraftNode node, String id, JsonNode properties) throws ImportException {
    Optional<String> script = files.part("project-files/vpcs/" + id + "/startup.vpc");
    if (script.isEmpty() && !text(properties, "startup_script").isEmpty()) {
      script = Optional.of(text(properties, "startup_script"));
    }
    if (script.isEmpty()) {
      return;
    }
    node.nic("eth0");
    for (String line : script.get().lines().map(String::strip).toList()) {
      if (line.isEmpty() || line.startsWith("#") || line.startsWith("set pcname")) {
        continue;
      }
      if (line.equals("ip dhcp") || line.equals("dhcp")) {
        node.script("udhcpc -i eth0 -b\n");
        draft.add(Finding.mapped(node.title, line, "udhcpc in the start-up script"));
      } else if (!address(node, line)) {
        draft.add(Finding.leftOut(node.title, "VPCS command " + line, "it means nothing to Linux"));
      }
    }
  }

  /** {@code ip 10.0.0.2/24 10.0.0.1}, {@code ip 10.0.0.2 255.255.255.0 10.0.0.1} and IPv6. */
  private boolean address(DraftNode node, String line) {
    try {
      Matcher six = VPCS_IP6.matcher(line);
      if (six.matches() && six.group(1).indexOf(':') >= 0) {
        node.nic("eth0").addresses.add(Cidr.parse(six.group(1)));
        draft.add(Finding.mapped(node.title, line, "address of eth0"));
        return true;
      }
      String plain = line.replaceFirst("^(ip\\s+[0-9.]+)\\s+(255\\.[0-9.]+)", "$1/MASK$2");
      int mask = plain.indexOf("/MASK");
      if (mask >= 0) {
        String netmask = plain.substring(mask + 5).split("\\s+")[0];
        plain = plain.replace("/MASK" + netmask, "/" + CommandReader.prefix(netmask));
      }
      Matcher four = VPCS_IP.matcher(plain);
      if (!four.matches()) {
        return false;
      }
      String prefix =
          four.group(2) != null ? four.group(2) : four.group(4) != null ? four.group(4) : "24";
      node.nic("eth0").addresses.add(Cidr.parse(four.group(1) + "/" + prefix));
      if (four.group(3) != null) {
        node.routes.add(Route.parse("default", Cidr.parseAddress(four.group(3))));
      }
      draft.add(
          Finding.mapped(
              node.title, line, "address of eth0" + (four.group(3) == null ? "" : ", default route")));
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private void docker(DraftNode node, String id, JsonNode properties) throws ImportException {
    for (String line : text(properties, "environment").lines().toList()) {
      int equals = line.indexOf('=');
      if (equals > 0 && line.substring(0, equals).matches("[A-Za-z_][A-Za-z0-9_]{0,127}")) {
        node.env.put(line.substring(0, equals), line.substring(equals + 1));
      }
    }
    Optional<String> interfaces =
        files.part("project-files/docker/" + id + "/etc/network/interfaces");
    if (interfaces.isPresent()) {
      new InterfacesFile(draft, node).read(interfaces.get());
    }
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
  }

  private void ports(DraftNode node, JsonNode ports) {
    for (JsonNode port : ports) {
      int number = port.path("port_number").asInt(-1);
      int vlan = port.path("vlan").asInt(1);
      Optional<DraftNode.DraftNic> nic = node.existingNic("port" + number);
      boolean access = text(port, "type").toLowerCase(Locale.ROOT).equals("access");
      if (nic.isPresent() && access && vlan >= 1 && vlan <= Nic.LAST_VLAN) {
        nic.get().vlan = OptionalInt.of(vlan);
        draft.add(Finding.mapped(node.title + ":port" + number, "access VLAN " + vlan, "VLAN"));
      }
    }
  }

  /** Texts stay as notes; shapes are left out. */
  private void drawing(JsonNode drawing) {
    String svg = text(drawing, "svg");
    List<String> size = List.of(attribute(svg, "width"), attribute(svg, "height"));
    if (!svg.contains("<text")) {
      draft.add(Finding.leftOut(draft.file(), "drawing", "only texts are taken over"));
      return;
    }
    String text =
        TAG.matcher(svg)
            .replaceAll("")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&apos;", "'")
            .replace("&amp;", "&");
    double x = Math.clamp(drawing.path("x").asDouble(0), -1e7, 1e7);
    double y = Math.clamp(drawing.path("y").asDouble(0), -1e7, 1e7);
    draft.note(text, new Bounds(x, y, length(size.get(0), 200), length(size.get(1), 60)));
    draft.add(Finding.mapped(draft.file(), "text \"" + Draft.limit(text.strip(), 40) + "\"", "note"));
  }

  private static String attribute(String svg, String name) {
    Matcher matcher = Pattern.compile("<svg[^>]*\\b" + name + "=\"([0-9.]{1,10})").matcher(svg);
    return matcher.find() ? matcher.group(1) : "";
  }

  private static double length(String text, double otherwise) {
    try {
      return Math.clamp(Double.parseDouble(text), 20, 2000);
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }
}
