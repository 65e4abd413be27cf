// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.element;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Stream;
import javafx.animation.Interpolator;
import javafx.animation.Transition;
import javafx.scene.Group;
import javafx.scene.Parent;
import javafx.util.Duration;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.canvas.geometry.LinkCurve;
import org.mobitopolo.canvas.model.Decorations;
import org.mobitopolo.canvas.model.NodeDecoration;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Note;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;

/**
 * All elements of the topology as scene graph nodes, in layers: regions, notes, ghosts, links,
 * nodes, labels. A new topology is compared with the shown one, and only what differs is touched;
 * nodes whose place changed glide there. While something is dragged its view is moved ahead of the
 * topology ({@link #drag}) and {@link #settle} brings it back to the truth. FX thread only.
 */
public final class World extends Group {
  private static final double FAR = 0.45;
  private static final double NAMELESS = 0.22;
  private static final double FAR_TEXT_PIXELS = 0.62;
  private static final double LARGEST_FAR_TEXT = 2;
  private static final double HEADER_PIXELS = 0.8;
  private static final double LARGEST_HEADER = 5;
  private static final double FARTHEST_STILL = 40;
  private static final double LOOP = 46;
  private static final Duration GLIDE = Duration.millis(260);

  private final Group regionLayer = new Group();
  private final Group noteLayer = new Group();
  private final Group ghostLayer = new Group();
  private final Group linkLayer = new Group();
  private final Group labelLayer = new Group();
  private final Group nodeLayer = new Group();
  private final Map<String, RegionView> regions = new LinkedHashMap<>();
  private final Map<String, NoteView> notes = new LinkedHashMap<>();
  private final Map<String, NodeView> nodes = new LinkedHashMap<>();
  private final Map<String, LinkView> links = new LinkedHashMap<>();
  private final Map<String, List<LinkView>> linksByNode = new HashMap<>();
  private final Map<String, Double> bows = new HashMap<>();
  private final Map<String, Point> departures = new HashMap<>();
  private final Map<String, Ghost> ghosts = new HashMap<>();
  private final Set<String> dragged = new HashSet<>();
  private final Map<String, List<Point>> bent = new HashMap<>();
  private Topology topology = Topology.empty("none", "");
  private Decorations decorations = Decorations.NONE;
  private Set<String> selected = Set.of();
  private Transition glide;
  private boolean far;
  private double farText;
  private double headerScale = 1;

  public World() {
    setManaged(false);
    setAutoSizeChildren(false);
    for (Group layer : layers()) {
      layer.setAutoSizeChildren(false);
      getChildren().add(layer);
    }
    labelLayer.setMouseTransparent(true);
    linkLayer.setMouseTransparent(true);
    ghostLayer.setMouseTransparent(true);
  }

  private List<Group> layers() {
    return List.of(regionLayer, noteLayer, ghostLayer, linkLayer, nodeLayer, labelLayer);
  }

  public Topology topology() {
    return topology;
  }

  public Decorations decorations() {
    return decorations;
  }

  /** Shows another version of the topology. */
  public void setTopology(Topology newTopology) {
    Topology old = topology;
    topology = newTopology;
    finishGlide();
    noteDepartures(old);
    sync(
        regions,
        regionLayer,
        topology.regions(),
        Region::id,
        this::newRegion,
        RegionView::setRegion);
    sync(notes, noteLayer, topology.notes(), Note::id, NoteView::new, NoteView::setNote);
    Set<String> before = Set.copyOf(nodes.keySet());
    sync(nodes, nodeLayer, topology.nodes(), Node::id, this::newNode, NodeView::setNode);
    syncLinks();
    Map<String, Point> moves = new HashMap<>();
    nodes.forEach(
        (id, view) -> {
          if (!dragged.contains(id) && !view.centre().equals(view.node().position())) {
            if (before.contains(id)) {
              moves.put(id, view.node().position());
            } else {
              view.moveTo(view.node().position());
            }
          }
        });
    links.values().forEach(this::layLink);
    startGlide(moves);
    applyDecorations();
    applySelection();
  }

  private RegionView newRegion(Region region) {
    RegionView view = new RegionView(region);
    view.setHeader(headerScale, far);
    return view;
  }

  private NodeView newNode(Node node) {
    NodeView view = new NodeView(node);
    view.moveTo(node.position());
    view.setFar(far, farText);
    return view;
  }

  /**
   * Remembers where nodes were that go to another region: there their ghosts stay while they
   * migrate.
   */
  private void noteDepartures(Topology old) {
    Map<String, Node> before = new HashMap<>();
    old.nodes().forEach(node -> before.put(node.id(), node));
    for (Node node : topology.nodes()) {
      Node was = before.get(node.id());
      if (was != null && was.region().isPresent() && !was.region().equals(node.region())) {
        departures.put(node.id(), was.position());
      }
    }
    departures.keySet().removeIf(id -> topology.node(id).isEmpty());
  }

  private static <T, V extends javafx.scene.Node> void sync(
      Map<String, V> views,
      Group layer,
      List<T> wanted,
      Function<T, String> idOf,
      Function<T, V> make,
      BiConsumer<V, T> update) {
    Map<String, V> old = new HashMap<>(views);
    views.clear();
    List<javafx.scene.Node> order = new ArrayList<>(wanted.size());
    for (T element : wanted) {
      String id = idOf.apply(element);
      V view = old.get(id);
      if (view == null) {
        view = make.apply(element);
      } else {
        update.accept(view, element);
      }
      views.put(id, view);
      order.add(view);
    }
    if (!layer.getChildren().equals(order)) {
      layer.getChildren().setAll(order);
    }
  }

  private void syncLinks() {
    sync(links, linkLayer, topology.links(), Link::id, this::newLink, LinkView::setLink);
    List<javafx.scene.Node> labels = new ArrayList<>(links.size());
    links.values().forEach(view -> labels.add(view.labels()));
    if (!labelLayer.getChildren().equals(labels)) {
      labelLayer.getChildren().setAll(labels);
    }
    linksByNode.clear();
    Map<List<String>, List<Link>> bundles = new HashMap<>();
    for (LinkView view : links.values()) {
      Link link = view.link();
      String a = link.a().node();
      String b = link.b().node();
      linksByNode.computeIfAbsent(a, _ -> new ArrayList<>()).add(view);
      if (!a.equals(b)) {
        linksByNode.computeIfAbsent(b, _ -> new ArrayList<>()).add(view);
      }
      bundles
          .computeIfAbsent(
              a.compareTo(b) <= 0 ? List.of(a, b) : List.of(b, a), _ -> new ArrayList<>())
          .add(link);
      view.setEnds(
          Optional.ofNullable(nodes.get(a)).flatMap(node -> node.node().nic(link.a().nic())),
          Optional.ofNullable(nodes.get(b)).flatMap(node -> node.node().nic(link.b().nic())));
    }
    bows.clear();
    bundles.forEach(
        (pair, bundle) -> {
          for (int i = 0; i < bundle.size(); i++) {
            double bow = (i - (bundle.size() - 1) / 2.0) * LinkCurve.SPREAD;
            Link link = bundle.get(i);
            bows.put(link.id(), link.a().node().equals(pair.getFirst()) ? bow : -bow);
          }
        });
  }

  private LinkView newLink(Link link) {
    LinkView view = new LinkView(link);
    view.setFar(far);
    return view;
  }

  private void layLink(LinkView view) {
    NodeView a = nodes.get(view.link().a().node());
    NodeView b = nodes.get(view.link().b().node());
    boolean complete = a != null && b != null;
    view.setComplete(complete);
    if (complete) {
      double bow = bows.get(view.link().id());
      LinkCurve curve =
          a == b
              ? LinkCurve.loop(a.box(), LOOP + Math.abs(bow))
              : LinkCurve.between(
                  a.box(),
                  b.box(),
                  bent.getOrDefault(view.link().id(), view.link().waypoints()),
                  bow);
      view.setCurve(curve, Stream.concat(a.obstacles().stream(), b.obstacles().stream()).toList());
      view.describe(a.node().name(), b.node().name());
    }
  }

  /** Shows another live state. */
  public void setDecorations(Decorations newDecorations) {
    decorations = newDecorations;
    applyDecorations();
  }

  private void applyDecorations() {
    nodes.forEach(this::decorateNode);
    links.forEach((id, view) -> view.decorate(decorations.link(id)));
    regions.forEach((id, view) -> view.decorate(decorations.region(id)));
    updateGhosts();
  }

  private void decorateNode(String id, NodeView view) {
    NodeDecoration decoration = decorations.node(id);
    if (decoration.equals(view.decoration())) {
      return;
    }
    List<Box> before = view.obstacles();
    view.decorate(decoration);
    if (!before.equals(view.obstacles())) {
      linksByNode.getOrDefault(id, List.of()).forEach(this::layLink);
    }
  }

  private void updateGhosts() {
    Set<String> wanted = new HashSet<>();
    departures.forEach(
        (id, source) -> {
          NodeView view = nodes.get(id);
          if (view.isMoving() && distance(source, view.node().position()) > FARTHEST_STILL) {
            wanted.add(id);
            if (!ghosts.containsKey(id)) {
              Ghost ghost = new Ghost(view, source);
              ghosts.put(id, ghost);
              ghostLayer.getChildren().add(ghost);
            }
          }
        });
    for (String id : List.copyOf(ghosts.keySet())) {
      if (!wanted.contains(id)) {
        ghostLayer.getChildren().remove(ghosts.remove(id));
        departures.remove(id);
      }
    }
  }

  private static double distance(Point one, Point other) {
    return Math.hypot(one.x() - other.x(), one.y() - other.y());
  }

  /** Marks what is selected; ids that name nothing are kept for later. */
  public void setSelected(Collection<String> ids) {
    selected = Set.copyOf(ids);
    applySelection();
  }

  private void applySelection() {
    nodes.forEach((id, view) -> view.setSelected(selected.contains(id)));
    links.forEach((id, view) -> view.setSelected(selected.contains(id)));
    regions.forEach((id, view) -> view.setSelected(selected.contains(id)));
    notes.forEach((id, view) -> view.setSelected(selected.contains(id)));
  }

  /** Adapts how much detail is shown to the zoom. */
  public void setScale(double scale) {
    boolean nowFar = scale < FAR;
    double text =
        !nowFar || scale < NAMELESS ? 0 : Math.min(LARGEST_FAR_TEXT, FAR_TEXT_PIXELS / scale);
    // text in steps, so that a zoom does not lay out every card anew in every frame
    double stepped = Math.round(text * 4) / 4.0;
    if (nowFar != far || stepped != farText) {
      far = nowFar;
      farText = stepped;
      nodes.values().forEach(view -> view.setFar(far, farText));
      links.values().forEach(view -> view.setFar(far));
    }
    headerScale = Math.clamp(HEADER_PIXELS / scale, 1, LARGEST_HEADER);
    regions.values().forEach(view -> view.setHeader(headerScale, far));
  }

  /** Moves the view of a node ahead of the topology, with its links. */
  public void drag(Map<String, Point> centres) {
    finishGlide();
    dragged.addAll(centres.keySet());
    moveNow(centres);
  }

  /** Moves or resizes the view of a region or note ahead of the topology. */
  public void drag(String id, Bounds bounds) {
    Optional.ofNullable(regions.get(id)).ifPresent(view -> view.setBounds(bounds));
    Optional.ofNullable(notes.get(id)).ifPresent(view -> view.setBounds(bounds));
  }

  /** Bends the view of a link ahead of the topology. */
  public void bend(String linkId, List<Point> waypoints) {
    bent.put(linkId, waypoints);
    Optional.ofNullable(links.get(linkId)).ifPresent(this::layLink);
  }

  /**
   * Highlights a node as the one that a link being drawn would join, or no longer; null is passed
   * over.
   */
  public void setLinkTarget(NodeView view, boolean target) {
    if (view != null) {
      view.setLinkTarget(target);
    }
  }

  /** Highlights the link under the pointer, or no longer; null is passed over. */
  public void setHovered(LinkView view, boolean hovered) {
    if (view != null) {
      view.setHovered(hovered);
    }
  }

  /** Ends dragging: everything takes the place that the topology gives it. */
  public void settle() {
    Map<String, Point> moves = new HashMap<>();
    for (String id : dragged) {
      NodeView view = nodes.get(id);
      if (view != null && !view.centre().equals(view.node().position())) {
        moves.put(id, view.node().position());
      }
    }
    dragged.clear();
    Set<String> straightened = Set.copyOf(bent.keySet());
    bent.clear();
    straightened.forEach(id -> link(id).ifPresent(this::layLink));
    startGlide(moves);
    regions.values().forEach(view -> view.setBounds(view.region().bounds()));
    notes.values().forEach(view -> view.setBounds(view.note().bounds()));
  }

  private void moveNow(Map<String, Point> centres) {
    Set<LinkView> touched = new HashSet<>();
    centres.forEach(
        (id, centre) -> {
          NodeView view = nodes.get(id);
          if (view != null) {
            view.moveTo(centre);
            touched.addAll(linksByNode.getOrDefault(id, List.of()));
            Optional.ofNullable(ghosts.get(id)).ifPresent(ghost -> ghost.follow(view));
          }
        });
    touched.forEach(this::layLink);
  }

  private void startGlide(Map<String, Point> targets) {
    if (targets.isEmpty()) {
      return;
    }
    Map<String, Point> from = new HashMap<>();
    targets.keySet().forEach(id -> from.put(id, nodes.get(id).centre()));
    glide =
        new Transition() {
          {
            setCycleDuration(GLIDE);
            setInterpolator(Interpolator.EASE_BOTH);
          }

          @Override
          protected void interpolate(double share) {
            Map<String, Point> now = new HashMap<>();
            targets.forEach(
                (id, to) -> {
                  Point start = from.get(id);
                  now.put(
                      id,
                      share == 1
                          ? to
                          : new Point(
                              start.x() + (to.x() - start.x()) * share,
                              start.y() + (to.y() - start.y()) * share));
                });
            moveNow(now);
          }
        };
    glide.setOnFinished(_ -> glide = null);
    glide.play();
  }

  private void finishGlide() {
    if (glide != null) {
      Transition running = glide;
      glide = null;
      running.stop();
      Map<String, Point> rest = new HashMap<>();
      nodes.forEach(
          (id, view) -> {
            if (!dragged.contains(id) && !view.centre().equals(view.node().position())) {
              rest.put(id, view.node().position());
            }
          });
      moveNow(rest);
    }
  }

  public Optional<NodeView> node(String id) {
    return Optional.ofNullable(nodes.get(id));
  }

  public Optional<LinkView> link(String id) {
    return Optional.ofNullable(links.get(id));
  }

  public Optional<RegionView> region(String id) {
    return Optional.ofNullable(regions.get(id));
  }

  public Optional<NoteView> note(String id) {
    return Optional.ofNullable(notes.get(id));
  }

  public Collection<NodeView> nodes() {
    return Collections.unmodifiableCollection(nodes.values());
  }

  public Collection<LinkView> links() {
    return Collections.unmodifiableCollection(links.values());
  }

  public Collection<RegionView> regions() {
    return Collections.unmodifiableCollection(regions.values());
  }

  public Collection<NoteView> notes() {
    return Collections.unmodifiableCollection(notes.values());
  }

  /** The uppermost node at a point. */
  public Optional<NodeView> nodeAt(Point point) {
    return nodes.values().stream()
        .filter(view -> view.box().contains(point))
        .reduce((_, above) -> above);
  }

  /** The nearest link within reach of a point. */
  public Optional<LinkView> linkNear(Point point, double reach) {
    LinkView nearest = null;
    double nearestDistance = reach;
    for (LinkView view : links.values()) {
      if (view.isVisible() && view.curve().bounds().grown(reach).contains(point)) {
        double distance = view.curve().distanceTo(point);
        if (distance <= nearestDistance) {
          nearest = view;
          nearestDistance = distance;
        }
      }
    }
    return Optional.ofNullable(nearest);
  }

  /** The element that a scene graph node is or belongs to. */
  public Optional<javafx.scene.Node> elementOf(Object target) {
    javafx.scene.Node node = target instanceof javafx.scene.Node n ? n : null;
    while (node != null
        && !(node instanceof NodeView || node instanceof RegionView || node instanceof NoteView)) {
      Parent parent = node.getParent();
      node = parent;
    }
    return Optional.ofNullable(node);
  }

  /** The smallest box that holds all elements; empty when there are none. */
  public Optional<Box> extent() {
    List<Box> boxes =
        Stream.of(
                regions.values().stream().map(RegionView::box),
                notes.values().stream().map(NoteView::box),
                nodes.values().stream().map(NodeView::box))
            .flatMap(Function.identity())
            .toList();
    return boxes.isEmpty() ? Optional.empty() : Optional.of(Box.union(boxes));
  }
}
