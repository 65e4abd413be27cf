// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Ids;
import org.mobitopolo.topology.Impairment;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Note;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Problem;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.Validator;

/**
 * A topology in the making. Readers put in what a file says, under the file's own names; {@link
 * #finish} gives out names, ids, interfaces, MAC addresses and places that fit our rules.
 *
 * <p>Ids are made from names, so they are the same each time a file is imported.
 */
final class Draft {

  /** More than anyone lays out, less than what would fill the memory. */
  static final int MOST_NODES = 5000;

  static final int MOST_LINKS = 20_000;

  private static final double MARGIN = 80;
  private static final int LONGEST_NAME = 63;
  private static final int LONGEST_NOTE = 4000;

  /** A cable between two interfaces, named as in the file. */
  static final class DraftLink {
    final DraftNode a;
    final String nicA;
    final DraftNode b;
    final String nicB;
    Impairment ab = Impairment.NONE;
    Impairment ba = Impairment.NONE;

    private DraftLink(DraftNode a, String nicA, DraftNode b, String nicB) {
      this.a = a;
      this.nicA = nicA;
      this.b = b;
      this.nicB = nicB;
    }

    /** Sets what one end's interface does to the frames that it sends. */
    void impair(DraftNode sender, Impairment impairment) {
      if (sender == a) {
        ab = impairment;
      } else {
        ba = impairment;
      }
    }

    String title() {
      return a.title + ":" + nicA + " - " + b.title + ":" + nicB;
    }
  }

  /** Where a link ends. */
  private record Plug(DraftNode node, String nic) {}

  private final Format format;
  private final String file;
  private final String labId;
  private String name;
  private final Map<String, DraftNode> nodes = new LinkedHashMap<>();
  private final List<DraftLink> links = new ArrayList<>();
  private final Map<Plug, DraftLink> plugs = new HashMap<>();
  private final List<Note> notes = new ArrayList<>();
  private final List<Finding> findings = new ArrayList<>();

  Draft(Format format, Path file, String labId) {
    this.format = format;
    Path last = file.toAbsolutePath().normalize().getFileName();
    this.file = last == null ? file.toString() : last.toString();
    this.labId = labId;
    String stem = this.file.replaceFirst("(\\.clab)?\\.[A-Za-z0-9]+$", "");
    this.name = stem.isBlank() ? this.file : stem;
  }

  void name(String newName) {
    if (!newName.isBlank()) {
      name = limit(newName.strip(), 200);
    }
  }

  /** The lab's file, as findings about the whole name it. */
  String file() {
    return file;
  }

  void add(Finding finding) {
    findings.add(finding);
  }

  /**
   * Adds a node.
   *
   * @param key what links of the file call it
   * @throws ImportException when there are too many
   */
  DraftNode add(String key, String title, DraftNode.Kind kind) throws ImportException {
    if (nodes.size() >= MOST_NODES) {
      throw new ImportException(
          file + " has more than " + MOST_NODES + " nodes, which is the most an import takes.");
    }
    DraftNode node = new DraftNode(title.isBlank() ? key : title, kind);
    if (nodes.putIfAbsent(key, node) != null) {
      throw new ImportException(
          file + " has two nodes called \"" + limit(key, 100) + "\". Rename one of them.");
    }
    return node;
  }

  Optional<DraftNode> node(String key) {
    return Optional.ofNullable(nodes.get(key));
  }

  Iterable<DraftNode> nodes() {
    return nodes.values();
  }

  List<DraftLink> links() {
    return links;
  }

  /**
   * Connects two interfaces, which are made where they are missing; empty, with a finding, where
   * that can't be.
   */
  Optional<DraftLink> connect(DraftNode a, String nicA, DraftNode b, String nicB)
      throws ImportException {
    if (links.size() >= MOST_LINKS) {
      throw new ImportException(
          file + " has more than " + MOST_LINKS + " links, which is the most an import takes.");
    }
    DraftLink link = new DraftLink(a, nicA, b, nicB);
    if (a == b) {
      add(Finding.leftOut(link.title(), "link", "it begins and ends at the same node"));
      return Optional.empty();
    }
    Optional<DraftLink> other = linkAt(a, nicA).or(() -> linkAt(b, nicB));
    if (other.isPresent()) {
      add(
          Finding.leftOut(
              link.title(), "link", "an interface of it has the link " + other.get().title()));
      return Optional.empty();
    }
    a.nic(nicA);
    b.nic(nicB);
    links.add(link);
    plugs.put(new Plug(a, nicA), link);
    plugs.put(new Plug(b, nicB), link);
    return Optional.of(link);
  }

  /** The link at an interface, if there is one. */
  Optional<DraftLink> linkAt(DraftNode node, String nic) {
    return Optional.ofNullable(plugs.get(new Plug(node, nic)));
  }

  void note(String text, Bounds bounds) {
    if (!text.isBlank() && notes.size() < MOST_NODES) {
      notes.add(
          new Note(
              "note-" + (notes.size() + 1),
              limit(text.strip(), LONGEST_NOTE),
              bounds,
              Note.DEFAULT_COLOR));
    }
  }

  /** An area behind nodes, without a title. */
  void area(Bounds bounds, String color) {
    if (notes.size() < MOST_NODES) {
      notes.add(new Note("note-" + (notes.size() + 1), "", bounds, color, Note.Kind.AREA));
    }
  }

  /**
   * The finished topology.
   *
   * @throws ImportException when the file has no node, or what it says can't be a topology
   */
  Imported finish() throws ImportException {
    if (nodes.isEmpty()) {
      throw new ImportException(
          file + " has no node that " + format.title() + " would run, so there is nothing to import.");
    }
    nodes.values().forEach(this::number);
    Layout.place(nodes.values(), links);
    Map<DraftNode, String> ids = new LinkedHashMap<>();
    Set<String> takenIds = new HashSet<>(Set.of("here"));
    notes.forEach(note -> takenIds.add(note.id()));
    Set<String> takenNames = new HashSet<>();
    Set<String> macs = new HashSet<>();
    List<Node> built = new ArrayList<>();
    for (DraftNode node : nodes.values()) {
      String nodeName = unique(hostName(node.title), takenNames, LONGEST_NAME);
      if (!nodeName.equals(node.title)) {
        add(
            Finding.changed(
                node.title, "name", nodeName, "names of nodes are host names, and each has its own"));
      }
      String id = unique(nodeName, takenIds, LONGEST_NAME);
      ids.put(node, id);
      built.add(node.build(id, nodeName, labId, macs, this::add));
    }
    Topology topology =
        new Topology(
            labId, name, List.of(region(built)), List.of(), built, links(ids, takenIds), notes);
    List<Problem> errors = Validator.errors(topology);
    if (!errors.isEmpty()) {
      throw new ImportException(
          file
              + " says what can't be here: "
              + errors.getFirst().message()
              + " Nothing was imported.");
    }
    return new Imported(format, topology, findings);
  }

  private void number(DraftNode node) {
    for (String lost : node.numberNics()) {
      add(
          Finding.leftOut(
              node.title + ":" + lost,
              "interface",
              "a node has at most " + node.mostNics() + " interfaces"));
      links.removeIf(
          link -> {
            boolean gone =
                link.a == node && link.nicA.equals(lost) || link.b == node && link.nicB.equals(lost);
            if (gone) {
              add(Finding.leftOut(link.title(), "link", "its interface was left out"));
            }
            return gone;
          });
    }
  }

  private List<Link> links(Map<DraftNode, String> ids, Set<String> takenIds) {
    List<Link> built = new ArrayList<>();
    for (DraftLink link : links) {
      built.add(
          new Link(
              unique("link-" + (built.size() + 1), takenIds, LONGEST_NAME),
              new End(ids.get(link.a), link.a.nicName(link.nicA)),
              new End(ids.get(link.b), link.b.nicName(link.nicB)),
              link.ab,
              link.ba,
              List.of()));
    }
    return built;
  }

  /** One region around everything: imported labs begin on this computer. */
  private static Region region(List<Node> nodes) {
    double left = Double.POSITIVE_INFINITY;
    double top = Double.POSITIVE_INFINITY;
    double right = Double.NEGATIVE_INFINITY;
    double bottom = Double.NEGATIVE_INFINITY;
    for (Node node : nodes) {
      left = Math.min(left, node.position().x());
      top = Math.min(top, node.position().y());
      right = Math.max(right, node.position().x());
      bottom = Math.max(bottom, node.position().y());
    }
    return new Region(
        DraftNode.REGION,
        "This computer",
        HostUrl.LOCAL,
        new Bounds(
            left - MARGIN, top - MARGIN, right - left + 2 * MARGIN, bottom - top + 2 * MARGIN),
        Region.DEFAULT_COLOR);
  }

  /** The nearest host name: accents dropped, other characters turned into hyphens. */
  private static String hostName(String title) {
    String plain =
        java.text.Normalizer.normalize(title, java.text.Normalizer.Form.NFD)
            .replaceAll("\\p{M}", "")
            .replaceAll("[^A-Za-z0-9-]+", "-");
    String trimmed = limit(plain, LONGEST_NAME).replaceAll("^-+|-+$", "");
    return Ids.isNodeName(trimmed) ? trimmed : "node";
  }

  private static String unique(String wished, Set<String> taken, int longest) {
    String result = wished;
    for (int number = 2; !taken.add(result.toLowerCase(Locale.ROOT)); number++) {
      String suffix = "-" + number;
      result = limit(wished, longest - suffix.length()).replaceAll("-+$", "") + suffix;
    }
    return result;
  }

  /** The beginning of a text; whole characters only. */
  static String limit(String text, int most) {
    return text.length() <= most
        ? text
        : text.substring(0, Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most);
  }
}
