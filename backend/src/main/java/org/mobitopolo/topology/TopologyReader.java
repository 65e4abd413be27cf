// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Makes the records of a topology from a file's JSON. What may be missing takes the default that
 * {@link TopologyWriter} leaves out.
 */
final class TopologyReader {

  private TopologyReader() {}

  static Topology read(JsonTree file) throws TopologyFormatException {
    if (!file.has("format") || !file.textOf("format").equals(TopologyJson.FORMAT)) {
      throw file.fault(
          "this is not a topology: its first field must be \"format\":\""
              + TopologyJson.FORMAT
              + "\".");
    }
    JsonTree version = file.get("version");
    if (version.number() != TopologyJson.VERSION) {
      throw version.fault(
          version.number() > TopologyJson.VERSION
              ? "the file was written by a newer Mobitopolo (format version "
                  + Math.round(version.number())
                  + "; this one reads version "
                  + TopologyJson.VERSION
                  + "). Open it with a newer Mobitopolo."
              : "there is no format version "
                  + version.number()
                  + "; write "
                  + TopologyJson.VERSION
                  + ".");
    }
    file.onlyFields(
        "format", "version", "id", "name", "notes", "regions", "wans", "nodes", "links");
    return new Topology(
        id(file.get("id")),
        file.textOf("name"),
        list(file, "regions", TopologyReader::region),
        list(file, "wans", TopologyReader::wan),
        list(file, "nodes", TopologyReader::node),
        list(file, "links", TopologyReader::link),
        list(file, "notes", TopologyReader::note));
  }

  private interface Element<T> {
    T read(JsonTree tree) throws TopologyFormatException;
  }

  private static <T> List<T> list(JsonTree parent, String field, Element<T> element)
      throws TopologyFormatException {
    List<T> result = new ArrayList<>();
    for (JsonTree tree : parent.elementsOf(field)) {
      result.add(tree.make(() -> element.read(tree)));
    }
    return result;
  }

  private static String id(JsonTree tree) throws TopologyFormatException {
    String id = tree.text();
    if (!Ids.isId(id)) {
      throw tree.fault(
          "\"" + id + "\" can't be an id. Use 1 to 64 letters, digits, hyphens and underscores.");
    }
    return id;
  }

  private static <E extends Enum<E>> E constant(
      JsonTree parent, String field, E otherwise, Class<E> type) throws TopologyFormatException {
    return parent.parsedOf(
        field,
        otherwise,
        text -> {
          for (E constant : type.getEnumConstants()) {
            if (constant.name().toLowerCase(Locale.ROOT).equals(text)) {
              return constant;
            }
          }
          List<String> names = new ArrayList<>();
          for (E constant : type.getEnumConstants()) {
            names.add(constant.name().toLowerCase(Locale.ROOT));
          }
          throw new IllegalArgumentException(
              "\"" + text + "\" is not known. Write one of: " + String.join(", ", names) + ".");
        });
  }

  private static Bounds bounds(JsonTree tree) throws TopologyFormatException {
    return new Bounds(
        tree.numberOf("x"), tree.numberOf("y"), tree.numberOf("width"), tree.numberOf("height"));
  }

  private static Point point(JsonTree tree) throws TopologyFormatException {
    return new Point(tree.numberOf("x"), tree.numberOf("y"));
  }

  private static Region region(JsonTree tree) throws TopologyFormatException {
    tree.onlyFields("id", "name", "host", "x", "y", "width", "height", "color");
    return new Region(
        id(tree.get("id")),
        tree.textOf("name"),
        tree.get("host").parsed(HostUrl::parse),
        bounds(tree),
        tree.textOf("color", Region.DEFAULT_COLOR));
  }

  private static Wan wan(JsonTree tree) throws TopologyFormatException {
    tree.onlyFields("a", "b", "delay", "rate");
    return new Wan(
        id(tree.get("a")),
        id(tree.get("b")),
        tree.parsedOf("delay", Duration.ZERO, Quantities::parseDuration),
        tree.parsedOf("rate", Rate.UNLIMITED, Rate::parse));
  }

  private static Node node(JsonTree tree) throws TopologyFormatException {
    String kind = tree.textOf("kind");
    switch (kind) {
      case "vm" ->
          tree.onlyFields(
              "id", "name", "kind", "symbol", "region", "x", "y", "image", "memory", "startup",
              "env", "forward", "nics", "routes");
      case "switch", "gateway" -> tree.onlyFields("id", "name", "kind", "region", "x", "y", "nics");
      default ->
          throw tree.get("kind")
              .fault("there is no kind \"" + kind + "\". Write vm, switch or gateway.");
    }
    String id = id(tree.get("id"));
    String name = tree.textOf("name");
    Optional<String> region =
        tree.has("region") ? Optional.of(id(tree.get("region"))) : Optional.empty();
    Point position = point(tree);
    List<Nic> nics = list(tree, "nics", TopologyReader::nic);
    return switch (kind) {
      case "switch" -> new Switch(id, name, region, position, nics);
      case "gateway" -> new Gateway(id, name, region, position, nics);
      default ->
          new VirtualMachine(
              id,
              name,
              constant(tree, "symbol", Symbol.VM, Symbol.class),
              region,
              position,
              tree.textOf("image", VirtualMachine.DEFAULT_IMAGE),
              tree.parsedOf("memory", VirtualMachine.DEFAULT_MEMORY, Size::parse),
              startup(tree),
              env(tree),
              nics,
              list(tree, "routes", TopologyReader::route),
              tree.flagOf("forward"));
    };
  }

  /** A script is one text, or a list of its lines, which reads better in a file. */
  private static String startup(JsonTree tree) throws TopologyFormatException {
    if (!tree.has("startup") || tree.get("startup").isText()) {
      return tree.textOf("startup", "");
    }
    StringBuilder script = new StringBuilder();
    for (JsonTree line : tree.elementsOf("startup")) {
      script.append(line.text()).append('\n');
    }
    return script.toString();
  }

  private static Map<String, String> env(JsonTree tree) throws TopologyFormatException {
    Map<String, String> env = new LinkedHashMap<>();
    if (tree.has("env")) {
      for (Map.Entry<String, JsonTree> entry : tree.get("env").entries().entrySet()) {
        env.put(entry.getKey(), entry.getValue().text());
      }
    }
    return env;
  }

  private static Nic nic(JsonTree tree) throws TopologyFormatException {
    tree.onlyFields("name", "mac", "addresses", "vlan");
    return new Nic(
        tree.textOf("name"),
        tree.textOf("mac"),
        list(tree, "addresses", address -> address.parsed(Cidr::parse)),
        tree.has("vlan") ? OptionalInt.of(tree.get("vlan").integer()) : OptionalInt.empty());
  }

  private static Route route(JsonTree tree) throws TopologyFormatException {
    tree.onlyFields("to", "via");
    InetAddress via = tree.get("via").parsed(Cidr::parseAddress);
    return tree.get("to").parsed(to -> Route.parse(to, via));
  }

  private static Link link(JsonTree tree) throws TopologyFormatException {
    tree.onlyFields("id", "a", "b", "impairments", "waypoints");
    Impairment ab = Impairment.NONE;
    Impairment ba = Impairment.NONE;
    if (tree.has("impairments")) {
      JsonTree impairments = tree.get("impairments").onlyFields("ab", "ba");
      ab = impairment(impairments, "ab");
      ba = impairment(impairments, "ba");
    }
    List<Point> waypoints = list(tree, "waypoints", point -> point(point.onlyFields("x", "y")));
    return new Link(id(tree.get("id")), end(tree.get("a")), end(tree.get("b")), ab, ba, waypoints);
  }

  private static End end(JsonTree tree) throws TopologyFormatException {
    tree.onlyFields("node", "nic");
    return new End(id(tree.get("node")), tree.textOf("nic"));
  }

  private static Impairment impairment(JsonTree parent, String field)
      throws TopologyFormatException {
    if (!parent.has(field)) {
      return Impairment.NONE;
    }
    JsonTree tree = parent.get(field);
    tree.onlyFields(
        "delay",
        "jitter",
        "distribution",
        "loss",
        "lossBurst",
        "duplicate",
        "reorder",
        "corrupt",
        "rate",
        "queue");
    return tree.make(
        () ->
            new Impairment(
                tree.parsedOf("delay", Duration.ZERO, Quantities::parseDuration),
                tree.parsedOf("jitter", Duration.ZERO, Quantities::parseDuration),
                constant(tree, "distribution", Distribution.NORMAL, Distribution.class),
                tree.parsedOf("loss", 0.0, Quantities::parseProbability),
                tree.numberOf("lossBurst", 0),
                tree.parsedOf("duplicate", 0.0, Quantities::parseProbability),
                tree.parsedOf("reorder", 0.0, Quantities::parseProbability),
                tree.parsedOf("corrupt", 0.0, Quantities::parseProbability),
                tree.parsedOf("rate", Rate.UNLIMITED, Rate::parse),
                tree.parsedOf("queue", Size.ZERO, Size::parse)));
  }

  private static Note note(JsonTree tree) throws TopologyFormatException {
    tree.onlyFields("id", "text", "x", "y", "width", "height", "color", "kind");
    return new Note(
        id(tree.get("id")),
        tree.textOf("text"),
        bounds(tree),
        tree.textOf("color", Note.DEFAULT_COLOR),
        constant(tree, "kind", Note.Kind.NOTE, Note.Kind.class));
  }
}
