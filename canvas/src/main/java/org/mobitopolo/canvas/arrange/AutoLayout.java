// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.arrange;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.canvas.geometry.Snap;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Note;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.edit.ChangeLink;
import org.mobitopolo.topology.edit.ChangeNote;
import org.mobitopolo.topology.edit.ChangeRegion;
import org.mobitopolo.topology.edit.Composite;
import org.mobitopolo.topology.edit.Edit;
import org.mobitopolo.topology.edit.MoveNodes;

/**
 * Arranges a topology, or some of its nodes, anew. No node changes its region, as that would
 * migrate a running machine: regions move and grow with their nodes. Bends of links between moved
 * nodes are straightened. May take a second for a thousand nodes: not for the FX thread.
 */
public final class AutoLayout {
  private static final LayoutGraph.Size SMALLEST_REGION = new LayoutGraph.Size(320, 176);
  private static final double NOTE_GAP = 48;

  private final Topology topology;
  private final LayoutKind kind;
  private final BooleanSupplier cancelled;

  private AutoLayout(Topology topology, LayoutKind kind, BooleanSupplier cancelled) {
    this.topology = topology;
    this.kind = kind;
    this.cancelled = cancelled;
  }

  /**
   * Computes a layout.
   *
   * @param ids what to arrange: nodes, and regions with all in them; with fewer than two nodes the
   *     whole topology
   * @param cancelled asked now and then
   * @return empty when nothing would change
   * @throws CancellationException when it was cancelled
   */
  public static Optional<Edit> of(
      Topology topology, Collection<String> ids, LayoutKind kind, BooleanSupplier cancelled) {
    Set<String> nodes =
        topology.nodes().stream()
            .filter(
                node -> ids.contains(node.id()) || node.region().filter(ids::contains).isPresent())
            .map(Node::id)
            .collect(Collectors.toSet());
    AutoLayout layout = new AutoLayout(topology, kind, cancelled);
    Map<String, Point> positions = new HashMap<>();
    Map<String, Box> regions = new HashMap<>();
    if (nodes.size() < 2) {
      layout.placeAll(positions, regions);
    } else {
      layout.placeSome(nodes, positions, regions);
    }
    if (cancelled.getAsBoolean()) {
      throw new CancellationException();
    }
    return layout.edit(positions, regions, nodes.size() < 2);
  }

  private void placeAll(Map<String, Point> positions, Map<String, Box> regions) {
    if (topology.nodes().isEmpty()) {
      return;
    }
    Map<String, GroupedGraph.Group> groups = new LinkedHashMap<>();
    for (Region region : topology.regions()) {
      groups.put(
          region.id(),
          new GroupedGraph.Group(
              topology.nodesIn(region.id()).stream().map(Node::id).toList(), SMALLEST_REGION));
    }
    Placement placement =
        Layouts.place(
            new GroupedGraph(graph(topology.nodes()), groups), kind, cancelled);
    Point corner = before();
    Box extent = extent(placement);
    double dx = onGrid(corner.x() - extent.left());
    double dy = onGrid(corner.y() - extent.top());
    placement.centres().forEach((id, point) -> positions.put(id, grid(point.plus(dx, dy))));
    placement.groups().forEach((id, box) -> regions.put(id, grid(box.plus(dx, dy))));
  }

  private Box extent(Placement placement) {
    List<Box> boxes = new ArrayList<>(placement.groups().values());
    for (Node node : topology.nodes()) {
      boxes.add(
          Box.around(placement.centres().get(node.id()), Cards.width(node), Cards.height(node)));
    }
    return Box.union(boxes);
  }

  /** The upper left corner of what is arranged, where it stays. */
  private Point before() {
    List<Box> boxes = new ArrayList<>();
    topology.regions().forEach(region -> boxes.add(Box.of(region.bounds())));
    topology.nodes().forEach(node -> boxes.add(Cards.box(node)));
    Box extent = Box.union(boxes);
    return new Point(extent.left(), extent.top());
  }

  /** Arranges the chosen nodes of each region around their middle; the region grows if it must. */
  private void placeSome(
      Set<String> ids, Map<String, Point> positions, Map<String, Box> regions) {
    Map<Optional<String>, List<Node>> byRegion = new LinkedHashMap<>();
    for (Node node : topology.nodes()) {
      if (ids.contains(node.id())) {
        byRegion.computeIfAbsent(node.region(), _ -> new ArrayList<>()).add(node);
      }
    }
    byRegion.forEach(
        (region, nodes) -> {
          LayoutGraph graph = graph(nodes);
          Map<String, Point> centres = Layouts.flat(graph, kind, cancelled);
          Box extent = Packing.extent(graph, centres);
          Box old = Box.union(nodes.stream().map(Cards::box).toList());
          double dx = old.centreX() - extent.centreX();
          double dy = old.centreY() - extent.centreY();
          Optional<Region> home = region.flatMap(topology::region);
          if (home.isPresent()) {
            Box area = Box.of(home.get().bounds());
            dx = Math.max(dx, area.left() + GroupedGraph.INSET - extent.left());
            dy =
                Math.max(
                    dy, area.top() + GroupedGraph.HEADER + GroupedGraph.INSET - extent.top());
            Box need = extent.plus(dx, dy).grown(GroupedGraph.INSET);
            if (need.right() > area.right() && area.width() >= need.width()) {
              dx -= need.right() - area.right();
            }
            if (need.bottom() > area.bottom()
                && area.height() - GroupedGraph.HEADER >= need.height()) {
              dy -= need.bottom() - area.bottom();
            }
            Box grown = area.union(extent.plus(dx, dy).grown(GroupedGraph.INSET));
            if (!grown.equals(area)) {
              regions.put(home.get().id(), grid(grown));
            }
          }
          for (Map.Entry<String, Point> entry : centres.entrySet()) {
            positions.put(entry.getKey(), grid(entry.getValue().plus(dx, dy)));
          }
        });
  }

  private LayoutGraph graph(List<Node> nodes) {
    Map<String, LayoutGraph.Size> sizes = new LinkedHashMap<>();
    nodes.forEach(
        node -> sizes.put(node.id(), new LayoutGraph.Size(Cards.width(node), Cards.height(node))));
    return new LayoutGraph(
        sizes,
        topology.links().stream()
            .map(link -> new LayoutGraph.Edge(link.a().node(), link.b().node()))
            .toList());
  }

  private Optional<Edit> edit(
      Map<String, Point> positions, Map<String, Box> regions, boolean everything) {
    List<Edit> edits = new ArrayList<>();
    for (Region region : topology.regions()) {
      Box box = regions.get(region.id());
      if (box != null && !box.toBounds().equals(region.bounds())) {
        edits.add(new ChangeRegion(region.withBounds(box.toBounds())));
      }
    }
    Map<String, Point> moved = new HashMap<>(positions);
    moved.entrySet().removeIf(
        entry -> topology.node(entry.getKey()).orElseThrow().position().equals(entry.getValue()));
    if (!moved.isEmpty()) {
      edits.add(new MoveNodes(moved));
    }
    for (Link link : topology.links()) {
      if (!link.waypoints().isEmpty()
          && (moved.containsKey(link.a().node()) || moved.containsKey(link.b().node()))) {
        edits.add(new ChangeLink(link.withWaypoints(List.of())));
      }
    }
    if (edits.isEmpty()) {
      return Optional.empty();
    }
    if (everything) {
      edits.addAll(notes(positions, regions));
    }
    return Optional.of(
        new Composite(
            everything ? "Arrange everything" : "Arrange " + positions.size() + " nodes", edits));
  }

  /**
   * Notes inside a region go with it; those outside that would be covered go below everything, side
   * by side.
   */
  private List<Edit> notes(Map<String, Point> positions, Map<String, Box> regions) {
    List<Box> taken = new ArrayList<>(regions.values());
    for (Node node : topology.nodes()) {
      taken.add(Box.around(positions.get(node.id()), Cards.width(node), Cards.height(node)));
    }
    Box extent = Box.union(taken);
    double x = extent.left();
    double y = extent.bottom() + NOTE_GAP;
    List<Edit> edits = new ArrayList<>();
    for (Note note : topology.notes()) {
      Box box = Box.of(note.bounds());
      Optional<Region> home = topology.regionAt(note.bounds().centre());
      Bounds wanted = note.bounds();
      if (home.isPresent()) {
        Box now = regions.get(home.get().id());
        Bounds was = home.get().bounds();
        wanted = note.bounds().plus(now.left() - was.x(), now.top() - was.y());
      } else if (taken.stream().anyMatch(box::intersects)) {
        wanted = new Bounds(x, y, note.bounds().width(), note.bounds().height());
        x += note.bounds().width() + NOTE_GAP;
      }
      if (!wanted.equals(note.bounds())) {
        edits.add(new ChangeNote(note.withBounds(wanted)));
      }
    }
    return edits;
  }

  private static Point grid(Point point) {
    return new Point(onGrid(point.x()), onGrid(point.y()));
  }

  private static Box grid(Box box) {
    return new Box(
        Math.floor(box.left() / Snap.GRID) * Snap.GRID,
        Math.floor(box.top() / Snap.GRID) * Snap.GRID,
        Math.ceil(box.right() / Snap.GRID) * Snap.GRID,
        Math.ceil(box.bottom() / Snap.GRID) * Snap.GRID);
  }

  private static double onGrid(double value) {
    return Math.round(value / Snap.GRID) * Snap.GRID;
  }
}
