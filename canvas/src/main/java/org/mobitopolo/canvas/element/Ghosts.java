// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.element;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javafx.scene.Group;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Topology;

/** What stays at the old places of nodes that are on their way to another region. */
final class Ghosts extends Group {
  private static final double FARTHEST_STILL = 40;

  private final Map<String, Point> departures = new HashMap<>();
  private final Map<String, Ghost> ghosts = new HashMap<>();

  Ghosts() {
    setAutoSizeChildren(false);
    setMouseTransparent(true);
  }

  /** Remembers where nodes were that go to another region. */
  void noteDepartures(Topology old, Topology now) {
    Map<String, Node> before = new HashMap<>();
    old.nodes().forEach(node -> before.put(node.id(), node));
    Set<String> present = new HashSet<>();
    for (Node node : now.nodes()) {
      present.add(node.id());
      Node was = before.get(node.id());
      if (was != null && was.region().isPresent() && !was.region().equals(node.region())) {
        departures.put(node.id(), was.position());
      }
    }
    departures.keySet().retainAll(present);
  }

  /** Shows a ghost for each node that is moving far, and no others. */
  void update(Map<String, NodeView> nodes) {
    Set<String> wanted = new HashSet<>();
    departures.forEach(
        (id, source) -> {
          NodeView view = nodes.get(id);
          if (view.isMoving() && distance(source, view.node().position()) > FARTHEST_STILL) {
            wanted.add(id);
            if (!ghosts.containsKey(id)) {
              Ghost ghost = new Ghost(view, source);
              ghosts.put(id, ghost);
              getChildren().add(ghost);
            }
          }
        });
    for (String id : List.copyOf(ghosts.keySet())) {
      if (!wanted.contains(id)) {
        getChildren().remove(ghosts.remove(id));
        departures.remove(id);
      }
    }
  }

  /** Leads the ways from ghosts to where their nodes are now. */
  void follow(Collection<NodeView> moved) {
    for (NodeView view : moved) {
      Optional.ofNullable(ghosts.get(view.node().id())).ifPresent(ghost -> ghost.follow(view));
    }
  }

  private static double distance(Point one, Point other) {
    return Math.hypot(one.x() - other.x(), one.y() - other.y());
  }
}
