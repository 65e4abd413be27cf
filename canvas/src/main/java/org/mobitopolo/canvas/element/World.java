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
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import javafx.animation.AnimationTimer;
import javafx.scene.Group;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.canvas.model.Decorations;
import org.mobitopolo.canvas.model.LinkLabels;
import org.mobitopolo.canvas.model.NodeDecoration;
import org.mobitopolo.canvas.text.Texts;
import org.mobitopolo.canvas.view.Viewport;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Note;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;

/**
 * All elements of the topology as scene graph nodes, in layers: regions, notes, what is far away
 * ({@link Overview}), ghosts, links, the regions' headers, nodes, labels. Of nodes and links only
 * those are in the scene graph that are near enough to be seen in detail. A new topology is compared with the shown one, and only what differs is touched;
 * nodes whose place changed glide there. While something is dragged its view is moved ahead of the
 * topology ({@link #drag}) and {@link #settle} brings it back to the truth. FX thread only.
 */
public final class World extends Group {
  /** Below this zoom no details are shown. */
  private static final double FAR = 0.45;

  private static final double HEADER_PIXELS = 0.8;
  private static final double LARGEST_HEADER = 5;
  private static final double NEAR = 200;
  private static final int MOST_AT_ONCE = 40;
  private static final long LEADING_NANOS = 5_000_000;

  private final Group regionLayer = new Group();
  private final Group noteLayer = new Group();
  private final Group headerLayer = new Group();
  private final Group nodeLayer = new Group();
  private final Map<String, RegionView> regions = new LinkedHashMap<>();
  private final Map<String, NoteView> notes = new LinkedHashMap<>();
  private final Map<String, NodeView> nodes = new LinkedHashMap<>();
  private final Viewport viewport;
  private final Texts texts;
  private final Overview overview;
  private final LinkLayer links;
  private final Ghosts ghosts = new Ghosts();
  private final Set<String> dragged = new HashSet<>();
  private Topology topology = Topology.empty("none", "");
  private Decorations decorations = Decorations.NONE;
  private Set<String> selected = Set.of();
  private final Glide glide = new Glide(this);
  private Runnable onRest = () -> {};
  private boolean far;
  private double headerScale = 1;
  private Box inView = new Box(0, 0, 0, 0);
  private final AnimationTimer later =
      new AnimationTimer() {
        @Override
        public void handle(long now) {
          goOn();
        }
      };

  /**
   * An empty world.
   *
   * @param viewport what of it is shown
   * @param texts what its elements say
   */
  public World(Viewport viewport, Texts texts) {
    this.viewport = viewport;
    this.texts = texts;
    links = new LinkLayer(nodes, texts);
    overview =
        new Overview(
            viewport,
            Collections.unmodifiableCollection(nodes.values()),
            links.views(),
            this::isInView);
    setManaged(false);
    setAutoSizeChildren(false);
    headerLayer.setMouseTransparent(true);
    getChildren()
        .addAll(
            zoomed(regionLayer, noteLayer),
            overview,
            zoomed(ghosts, links, headerLayer, nodeLayer, links.labels()));
    showPlain(false);
  }

  private static Group zoomed(Group... layers) {
    for (Group layer : layers) {
      layer.setAutoSizeChildren(false);
    }
    Group zoomed = new Group(layers);
    zoomed.setAutoSizeChildren(false);
    return zoomed;
  }

  /** Shows everything where it is in the world, or where the viewport has it. */
  private void showPlain(boolean plain) {
    for (javafx.scene.Node child : getChildren()) {
      if (child != overview) {
        child.getTransforms().setAll(plain ? List.of() : viewport.transforms());
      }
    }
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
    glide.finish();
    ghosts.noteDepartures(old, topology);
    sync(regions, topology.regions(), Region::id, this::newRegion, RegionView::setRegion);
    regionLayer.getChildren().setAll(regions.values());
    headerLayer.getChildren().setAll(regions.values().stream().map(RegionView::header).toList());
    sync(notes, topology.notes(), Note::id, this::newNote, NoteView::setNote);
    noteLayer.getChildren().setAll(notes.values());
    Set<String> before = Set.copyOf(nodes.keySet());
    sync(nodes, topology.nodes(), Node::id, this::newNode, NodeView::setNode);
    Nearby.reorder(nodeLayer, nodes.values(), view -> view);
    nodes.forEach(
        (id, view) -> {
          if (!dragged.contains(id) && !before.contains(id)) {
            view.moveTo(view.node().position());
          }
        });
    regions.values().forEach(this::updateRegion);
    links.setTopology(topology);
    glide.start(misplaced(nodes.keySet()), regionTargets(), noteTargets());
    applyDecorations();
    applySelection();
    showNear(MOST_AT_ONCE);
  }

  private RegionView newRegion(Region region) {
    RegionView view = new RegionView(region, texts);
    view.setBounds(region.bounds());
    view.setHeader(headerScale, far);
    return view;
  }

  private NoteView newNote(Note note) {
    NoteView view = new NoteView(note, texts);
    view.setBounds(note.bounds());
    return view;
  }

  private NodeView newNode(Node node) {
    NodeView view = new NodeView(node, texts);
    view.moveTo(node.position());
    return view;
  }

  private static <T, V extends javafx.scene.Node> void sync(
      Map<String, V> views,
      List<T> wanted,
      Function<T, String> idOf,
      Function<T, V> make,
      BiConsumer<V, T> update) {
    Map<String, V> old = new HashMap<>(views);
    views.clear();
    for (T element : wanted) {
      String id = idOf.apply(element);
      V view = old.get(id);
      if (view == null) {
        view = make.apply(element);
      } else {
        update.accept(view, element);
      }
      views.put(id, view);
    }
  }

  /** Shows another live state. */
  public void setDecorations(Decorations newDecorations) {
    decorations = newDecorations;
    applyDecorations();
  }

  private void applyDecorations() {
    nodes.forEach(this::decorateNode);
    links.views().forEach(view -> view.decorate(decorations.link(view.link().id())));
    regions.forEach((id, view) -> view.decorate(decorations.region(id)));
    ghosts.update(nodes);
    overview.changed();
  }

  private void decorateNode(String id, NodeView view) {
    NodeDecoration decoration = decorations.node(id);
    if (view.decorate(decoration) && links.updateCard(view)) {
      links.refreshLabels(id);
    }
  }

  /** Marks what is selected; ids that name nothing are kept for later. */
  public void setSelected(Collection<String> ids) {
    selected = Set.copyOf(ids);
    applySelection();
  }

  private void applySelection() {
    nodes.forEach((id, view) -> view.setSelected(selected.contains(id)));
    links.views().forEach(view -> view.setSelected(selected.contains(view.link().id())));
    regions.forEach((id, view) -> view.setSelected(selected.contains(id)));
    notes.forEach((id, view) -> view.setSelected(selected.contains(id)));
    overview.changed();
  }

  /** To be called when the viewport shows something else. */
  public void updateView() {
    double scale = viewport.scale();
    far = scale < FAR;
    inView = viewport.visible().grown(NEAR);
    headerScale = Math.clamp(HEADER_PIXELS / scale, 1, LARGEST_HEADER);
    regions.values().forEach(view -> view.setHeader(headerScale, far));
    overview.changed();
    showNear(MOST_AT_ONCE);
  }

  /**
   * Does something while everything is in the scene graph as at zoom 1, where it is in the world,
   * and nothing is selected.
   *
   * @param action may ask for pictures and must not change the world
   */
  public <T> T inFull(Supplier<T> action) {
    Set<String> before = selected;
    setSelected(Set.of());
    far = false;
    inView = extent().orElse(inView);
    headerScale = 1;
    regions.values().forEach(view -> view.setHeader(headerScale, far));
    links.leadSome(Long.MAX_VALUE / 2);
    showNear(Integer.MAX_VALUE);
    showPlain(true);
    applyCss();
    layout();
    try {
      return action.get();
    } finally {
      showPlain(false);
      setSelected(before);
      updateView();
    }
  }

  /** Has in the scene graph what is near, and no nodes and links else. */
  private void showNear(int most) {
    int waiting = 0;
    if (!far || !nodeLayer.getChildren().isEmpty() || !links.getChildren().isEmpty()) {
      waiting =
          Nearby.show(
              nodeLayer, nodes.values(), view -> view, this::isNear, NodeView::reveal, most);
      waiting += links.show(box -> !far && isInView(box), most);
      overview.changed();
    }
    overview.setNeeded(far || waiting > 0);
    if (waiting > 0 || links.isLeading()) {
      later.start();
    }
  }

  /**
   * Does in a frame some of what there is too much of to be done at once; what can wait waits while
   * something is dragged.
   */
  private void goOn() {
    boolean leads = dragged.isEmpty() && links.isLeading();
    boolean led = leads ? links.leadSome(LEADING_NANOS) : !links.isLeading();
    if (leads) {
      overview.changed();
    }
    later.stop();
    showNear(MOST_AT_ONCE);
    if (!led) {
      later.start();
    }
  }

  private boolean isNear(NodeView view) {
    return !far && isInView(view.box());
  }

  private boolean isInView(Box box) {
    return box.intersects(inView);
  }

  /** Moves the view of a node ahead of the topology, with its links. */
  public void drag(Map<String, Point> centres) {
    glide.finish();
    dragged.addAll(centres.keySet());
    moveNow(centres);
  }

  /** Moves or resizes the view of a region or note ahead of the topology. */
  public void drag(String id, Bounds bounds) {
    Optional.ofNullable(regions.get(id))
        .ifPresent(
            view -> {
              view.setBounds(bounds);
              updateRegion(view);
            });
    Optional.ofNullable(notes.get(id)).ifPresent(view -> view.setBounds(bounds));
  }

  /** Bends the view of a link ahead of the topology. */
  public void bend(String linkId, List<Point> waypoints) {
    links.bend(linkId, Optional.of(waypoints));
    overview.changed();
    showNear(MOST_AT_ONCE);
  }

  /** Says everything in the language used now. */
  public void translate() {
    nodes.values().forEach(NodeView::describe);
    regions.values().forEach(RegionView::describe);
    notes.values().forEach(NoteView::describe);
    links.translate();
  }

  /** Chooses what stands beside the ends of links. */
  public void setLinkLabels(LinkLabels shown) {
    links.setShown(shown);
  }

  /**
   * Highlights a node as the one that a link being drawn would join, or no longer; null is passed
   * over.
   */
  public void setLinkTarget(NodeView view, boolean target) {
    if (view != null) {
      view.setLinkTarget(target);
      overview.changed();
    }
  }

  /** Highlights the link under the pointer, or no longer; null is passed over. */
  public void setHovered(LinkView view, boolean hovered) {
    if (view != null) {
      view.setHovered(hovered);
      overview.changed();
    }
  }

  /** Ends dragging: everything takes the place that the topology gives it. */
  public void settle() {
    Set<String> moved = Set.copyOf(dragged);
    dragged.clear();
    links.bent().forEach(id -> links.bend(id, Optional.empty()));
    glide.start(misplaced(moved), regionTargets(), noteTargets());
  }

  private Map<String, Point> misplaced(Collection<String> ids) {
    Map<String, Point> moves = new HashMap<>();
    for (String id : ids) {
      NodeView view = nodes.get(id);
      if (view != null
          && !dragged.contains(id)
          && !view.centre().equals(view.node().position())) {
        moves.put(id, view.node().position());
      }
    }
    return moves;
  }

  private Map<RegionView, Bounds> regionTargets() {
    Map<RegionView, Bounds> targets = new HashMap<>();
    for (RegionView view : regions.values()) {
      if (!view.box().toBounds().equals(view.region().bounds())) {
        targets.put(view, view.region().bounds());
      }
    }
    return targets;
  }

  private Map<NoteView, Bounds> noteTargets() {
    Map<NoteView, Bounds> targets = new HashMap<>();
    for (NoteView view : notes.values()) {
      if (!view.box().toBounds().equals(view.note().bounds())) {
        targets.put(view, view.note().bounds());
      }
    }
    return targets;
  }

  /** Moves views of nodes, with their links and ghosts. */
  void moveNow(Map<String, Point> centres) {
    List<NodeView> moved = new ArrayList<>(centres.size());
    tellOverview(centres.keySet());
    centres.forEach(
        (id, centre) -> {
          NodeView view = nodes.get(id);
          if (view != null) {
            view.moveTo(centre);
            moved.add(view);
          }
        });
    ghosts.follow(moved);
    links.follow(centres.keySet());
    tellOverview(centres.keySet());
    showNear(MOST_AT_ONCE);
  }

  /** Tells where nodes and their links are that are about to move, or have moved. */
  private void tellOverview(Collection<String> ids) {
    ids.stream()
        .map(nodes::get)
        .filter(Objects::nonNull)
        .forEach(view -> overview.changed(view.box()));
    links.ofNodes(ids).forEach(view -> overview.changed(view.curve().bounds()));
  }

  /** Tells the labels of links where they must not cover the texts of a region. */
  void updateRegion(RegionView view) {
    links.setRegionTexts(view.region().id(), view.texts());
  }

  /** Sets what is told when elements have come to rest at new places. */
  public void setOnRest(Runnable action) {
    onRest = action;
  }

  /** Lets links find their ways around nodes that have come to rest. */
  void rest() {
    links.settle();
    overview.changed();
    showNear(MOST_AT_ONCE);
    onRest.run();
  }

  public Optional<NodeView> node(String id) {
    return Optional.ofNullable(nodes.get(id));
  }

  public Optional<LinkView> link(String id) {
    return links.view(id);
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
    return links.views();
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

  /** The uppermost node that is far away and whose migration's bar is at a point. */
  public Optional<NodeView> progressAt(Point point) {
    return nodes.values().stream()
        .filter(view -> overview.progressPlace(view).filter(box -> box.contains(point)).isPresent())
        .reduce((_, above) -> above);
  }

  /** The nearest link within reach of a point. */
  public Optional<LinkView> linkNear(Point point, double reach) {
    return links.near(point, reach);
  }

  /**
   * The uppermost node, region or note at a point.
   *
   * @param picked the scene graph node there
   */
  public Optional<javafx.scene.Node> elementAt(Point point, Object picked) {
    Optional<javafx.scene.Node> element = elementOf(picked);
    if (element.isPresent() && element.get() instanceof NodeView) {
      return element;
    }
    return nodeAt(point).map(javafx.scene.Node.class::cast).or(() -> element);
  }

  private static Optional<javafx.scene.Node> elementOf(Object picked) {
    javafx.scene.Node node = picked instanceof javafx.scene.Node n ? n : null;
    while (node != null
        && !(node instanceof NodeView || node instanceof RegionView || node instanceof NoteView)) {
      node = node.getParent();
    }
    return Optional.ofNullable(node);
  }

  /**
   * The smallest box that will hold all elements once they have come to rest; empty when there are
   * none.
   */
  public Optional<Box> extentAtRest() {
    List<Box> boxes = new ArrayList<>();
    topology.regions().forEach(region -> boxes.add(Box.of(region.bounds())));
    topology.notes().forEach(note -> boxes.add(Box.of(note.bounds())));
    nodes
        .values()
        .forEach(
            view ->
                boxes.add(
                    Box.around(view.node().position(), view.getWidth(), view.getHeight())));
    return boxes.isEmpty() ? Optional.empty() : Optional.of(Box.union(boxes));
  }

  /** The smallest box that holds all elements as they are now; empty when there are none. */
  public Optional<Box> extent() {
    List<Box> boxes = new ArrayList<>(regions.size() + notes.size() + nodes.size());
    regions.values().forEach(view -> boxes.add(view.box()));
    notes.values().forEach(view -> boxes.add(view.box()));
    nodes.values().forEach(view -> boxes.add(view.box()));
    return boxes.isEmpty() ? Optional.empty() : Optional.of(Box.union(boxes));
  }
}
