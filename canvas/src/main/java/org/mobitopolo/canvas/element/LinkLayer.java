// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.element;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javafx.scene.Group;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.canvas.geometry.BoxIndex;
import org.mobitopolo.canvas.geometry.LabelSpace;
import org.mobitopolo.canvas.geometry.LinkCurve;
import org.mobitopolo.canvas.geometry.LinkRouter;
import org.mobitopolo.canvas.model.LinkLabels;
import org.mobitopolo.canvas.text.Texts;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Nic;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Topology;

/**
 * All links: their ways around the nodes, and the places of their labels. While a node is dragged
 * only its own links follow; when it has come to rest, those that it was or is in the way of are led
 * anew. Many links are laid straight at first and led around nodes in the frames that follow. Labels
 * get their places once a frame, after style sheets have given them their sizes.
 */
final class LinkLayer extends Group {
  private static final double LOOP = 46;
  private static final double NEARBY = 40;

  /** More links than this are laid straight and without labels while they move. */
  private static final int MOST_IN_MOTION = 60;

  private final Texts texts;
  private final Labels labels = new Labels();
  private final Map<String, NodeView> nodes;
  private final Map<String, LinkView> links = new LinkedHashMap<>();
  private final Map<String, List<LinkView>> byNode = new HashMap<>();
  private final Map<String, Double> bows = new HashMap<>();
  private final Map<String, List<Point>> bent = new HashMap<>();
  private final BoxIndex<String> cards = new BoxIndex<>();
  private final Map<String, Box> leftFrom = new HashMap<>();
  private final LabelSpace space = new LabelSpace();
  private final Set<LinkView> stale = new LinkedHashSet<>();
  private LinkLabels shown = LinkLabels.ADDRESSES;
  private final Set<LinkView> unrouted = new LinkedHashSet<>();

  /** The layer of the labels, which gives them places in each layout pass that needs it. */
  private final class Labels extends Group {
    @Override
    protected void layoutChildren() {
      stale.forEach(view -> space.release(view.link().id()));
      List<LinkView> waiting = List.copyOf(stale);
      stale.clear();
      waiting.forEach(view -> view.placeLabels(space));
    }
  }

  /**
   * A layer without links.
   *
   * @param nodes the views of all nodes, kept up to date by the owner
   */
  LinkLayer(Map<String, NodeView> nodes, Texts texts) {
    this.texts = texts;
    this.nodes = nodes;
    setAutoSizeChildren(false);
    setMouseTransparent(true);
    labels.setAutoSizeChildren(false);
    labels.setMouseTransparent(true);
  }

  /** The layer for the labels. */
  Group labels() {
    return labels;
  }

  Collection<LinkView> views() {
    return Collections.unmodifiableCollection(links.values());
  }

  Optional<LinkView> view(String id) {
    return Optional.ofNullable(links.get(id));
  }

  /** The links of some nodes that lead anywhere; one between two of them comes twice. */
  Stream<LinkView> ofNodes(Collection<String> ids) {
    return ids.stream()
        .flatMap(id -> byNode.getOrDefault(id, List.of()).stream())
        .filter(view -> view.curve() != null);
  }

  /** Shows the links of a topology, whose nodes are shown already. */
  void setTopology(Topology topology) {
    Map<String, LinkView> old = new HashMap<>(links);
    links.clear();
    byNode.clear();
    for (Link link : topology.links()) {
      LinkView view = old.remove(link.id());
      if (view == null) {
        view = new LinkView(link, texts, this::labelsChanged);
      } else {
        view.setLink(link);
      }
      links.put(link.id(), view);
      byNode.computeIfAbsent(link.a().node(), _ -> new ArrayList<>()).add(view);
      if (!link.a().node().equals(link.b().node())) {
        byNode.computeIfAbsent(link.b().node(), _ -> new ArrayList<>()).add(view);
      }
    }
    old.values().forEach(this::forget);
    Nearby.reorder(this, links.values(), view -> view);
    Nearby.reorder(labels, links.values(), LinkView::labels);
    spreadBundles();
    nameEnds();
    Set<String> gone = new HashSet<>(cards.keys());
    gone.removeAll(nodes.keySet());
    for (String id : gone) {
      cards.remove(id);
      space.setObstacles(id, List.of());
    }
    nodes.values().forEach(this::updateCard);
    leftFrom.clear();
    lead(links.values());
  }

  /** Leads links around nodes: few at once, many straight now and around soon. */
  private void lead(Collection<LinkView> views) {
    boolean few = views.size() <= MOST_IN_MOTION;
    for (LinkView view : views) {
      lay(view, few);
      if (!few) {
        unrouted.add(view);
      }
    }
  }

  /**
   * Leads some of the links around nodes that are still to be led.
   *
   * @param nanos how long it may take
   * @return whether all are led now
   */
  boolean leadSome(long nanos) {
    long end = System.nanoTime() + nanos;
    while (!unrouted.isEmpty() && System.nanoTime() < end) {
      lay(unrouted.iterator().next(), true);
    }
    return unrouted.isEmpty();
  }

  /** Whether some links are still to be led around nodes. */
  boolean isLeading() {
    return !unrouted.isEmpty();
  }

  private void forget(LinkView view) {
    space.release(view.link().id());
    space.setLine(view.link().id(), view.curve(), null);
    stale.remove(view);
    unrouted.remove(view);
  }

  private void labelsChanged(LinkView view) {
    if (view.isShown()) {
      stale.add(view);
      labels.requestLayout();
    }
  }

  private void spreadBundles() {
    Map<List<String>, List<Link>> bundles = new HashMap<>();
    for (LinkView view : links.values()) {
      String a = view.link().a().node();
      String b = view.link().b().node();
      bundles
          .computeIfAbsent(
              a.compareTo(b) <= 0 ? List.of(a, b) : List.of(b, a), _ -> new ArrayList<>())
          .add(view.link());
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

  /** Chooses what stands beside the ends of links. */
  void setShown(LinkLabels newShown) {
    shown = newShown;
    nameEnds();
  }

  private void nameEnds() {
    for (LinkView view : links.values()) {
      Link link = view.link();
      view.setEnds(
          endText(link.a().node(), link.a().nic()), endText(link.b().node(), link.b().nic()));
    }
  }

  private String endText(String node, String nicName) {
    Optional<Nic> nic =
        Optional.ofNullable(nodes.get(node)).flatMap(view -> view.node().nic(nicName));
    String addresses =
        nic.map(n -> n.addresses().stream().map(Cidr::toString).collect(Collectors.joining("\n")))
            .orElse("");
    return switch (shown) {
      case NONE -> "";
      case ADDRESSES -> addresses;
      case NAMES_AND_ADDRESSES -> addresses.isEmpty() ? nicName : nicName + "\n" + addresses;
    };
  }

  /** Says everything in the language used now. */
  void translate() {
    for (LinkView view : links.values()) {
      view.translate();
      lay(view, true);
    }
  }

  /** Bends a link ahead of the topology, or no longer when there are no bends given. */
  void bend(String id, Optional<List<Point>> waypoints) {
    waypoints.ifPresentOrElse(points -> bent.put(id, points), () -> bent.remove(id));
    view(id).ifPresent(view -> lay(view, true));
  }

  /** The ids of the links that are bent ahead of the topology. */
  Set<String> bent() {
    return Set.copyOf(bent.keySet());
  }

  /** Lets the links of nodes follow that have moved. */
  void follow(Collection<String> moved) {
    Set<LinkView> touched = new LinkedHashSet<>();
    for (String id : moved) {
      NodeView view = nodes.get(id);
      if (view != null) {
        updateCard(view);
        touched.addAll(byNode.getOrDefault(id, List.of()));
      }
    }
    boolean careful = touched.size() <= MOST_IN_MOTION;
    touched.forEach(view -> lay(view, careful));
    if (!careful) {
      touched.forEach(LinkView::hideLabels);
    }
  }

  /** Leads those links anew that moved nodes were or are in the way of. */
  void settle() {
    if (leftFrom.isEmpty()) {
      return;
    }
    List<Box> boxes = new ArrayList<>();
    leftFrom.forEach(
        (id, box) -> {
          boxes.add(box.grown(NEARBY));
          cards.boxes(id).forEach(now -> boxes.add(now.grown(NEARBY)));
        });
    leftFrom.clear();
    boolean all = boxes.size() > MOST_IN_MOTION;
    lead(
        links.values().stream()
            .filter(view -> view.curve() != null)
            .filter(view -> all || boxes.stream().anyMatch(view.curve().bounds()::intersects))
            .toList());
  }

  /**
   * Takes note of where a node's card, and what hangs at it, is now.
   *
   * @return whether labels must keep off other places than before
   */
  boolean updateCard(NodeView view) {
    String id = view.node().id();
    List<Box> before = cards.boxes(id);
    Box box = view.box();
    if (before.isEmpty() || !before.getFirst().equals(box)) {
      leftFrom.putIfAbsent(id, before.isEmpty() ? box : before.getFirst());
      cards.put(id, box);
    }
    return space.setObstacles(id, view.obstacles());
  }

  /** Gives the labels of a node's links new places, as what hangs at it has changed. */
  void refreshLabels(String node) {
    byNode.getOrDefault(node, List.of()).forEach(this::labelsChanged);
  }

  /** Says what of a region labels must not cover. */
  void setRegionTexts(String region, List<Box> boxes) {
    space.setObstacles(region, boxes);
  }

  private void lay(LinkView view, boolean careful) {
    if (careful) {
      unrouted.remove(view);
    }
    Link link = view.link();
    NodeView a = nodes.get(link.a().node());
    NodeView b = nodes.get(link.b().node());
    boolean complete = a != null && b != null;
    view.setComplete(complete);
    LinkCurve before = view.curve();
    if (!complete) {
      space.setLine(link.id(), before, null);
      return;
    }
    LinkCurve curve = curve(link, a, b, careful);
    if (before == null || !before.points().equals(curve.points())) {
      view.setCurve(curve);
      space.setLine(link.id(), before, curve);
    } else {
      labelsChanged(view);
    }
    view.describe(a.node().name(), b.node().name());
  }

  private LinkCurve curve(Link link, NodeView a, NodeView b, boolean careful) {
    double bow = bows.get(link.id());
    if (a == b) {
      return LinkCurve.loop(a.box(), LOOP + Math.abs(bow));
    }
    List<Point> bends = bent.getOrDefault(link.id(), link.waypoints());
    if (bends.isEmpty() && careful) {
      String from = link.a().node();
      String to = link.b().node();
      bends =
          LinkRouter.beside(
              a.centre(),
              LinkRouter.route(
                  a.centre(), b.centre(), cards, id -> id.equals(from) || id.equals(to)),
              b.centre(),
              bow / 2);
    }
    return LinkCurve.between(a.box(), b.box(), bends, bow);
  }

  /**
   * Has those links in the scene graph, and no others, that come into a part of the world.
   *
   * @param most how many may be added at once
   * @return how many more are to be added
   */
  int show(Predicate<Box> near, int most) {
    List<LinkView> before = getChildren().stream().map(LinkView.class::cast).toList();
    List<LinkView> fresh = new ArrayList<>();
    int waiting =
        Nearby.show(
            this,
            links.values(),
            view -> view,
            view -> view.curve() != null && near.test(view.curve().bounds()),
            fresh::add,
            most);
    Nearby.show(
        labels,
        links.values(),
        LinkView::labels,
        LinkView::isShown,
        LinkView::reveal,
        Integer.MAX_VALUE);
    fresh.forEach(this::labelsChanged);
    before.stream()
        .filter(view -> !view.isShown())
        .forEach(view -> space.release(view.link().id()));
    return waiting;
  }

  /** The nearest link within reach of a point. */
  Optional<LinkView> near(Point point, double reach) {
    LinkView nearest = null;
    double nearestDistance = reach;
    for (LinkView view : links.values()) {
      if (view.isVisible() && view.curve() != null && view.curve().bounds().grown(reach).contains(point)) {
        double distance = view.curve().distanceTo(point);
        if (distance <= nearestDistance) {
          nearest = view;
          nearestDistance = distance;
        }
      }
    }
    return Optional.ofNullable(nearest);
  }
}
