// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.arrange;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Note;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.edit.ChangeNote;
import org.mobitopolo.topology.edit.Composite;
import org.mobitopolo.topology.edit.Edit;
import org.mobitopolo.topology.edit.MoveNodes;

/**
 * Aligns and distributes nodes and notes. A node never leaves its region by it, as that would
 * migrate a running machine: it stops at the region's border.
 */
public final class Arranger {
  private Arranger() {}

  /**
   * Brings elements into line with the outermost of them, or with the middle of them all.
   *
   * @param ids of nodes and notes; others are passed over
   * @return empty when fewer than two are left, or all are in line already
   */
  public static Optional<Edit> align(
      Topology topology, Collection<String> ids, Alignment alignment) {
    Map<String, Box> boxes = boxes(topology, ids);
    if (boxes.size() < 2) {
      return Optional.empty();
    }
    Box all = Box.union(boxes.values());
    Map<String, Box> aligned = new LinkedHashMap<>();
    boxes.forEach(
        (id, box) ->
            aligned.put(
                id,
                switch (alignment) {
                  case LEFT -> box.plus(all.left() - box.left(), 0);
                  case CENTRE -> box.plus(all.centreX() - box.centreX(), 0);
                  case RIGHT -> box.plus(all.right() - box.right(), 0);
                  case TOP -> box.plus(0, all.top() - box.top());
                  case MIDDLE -> box.plus(0, all.centreY() - box.centreY());
                  case BOTTOM -> box.plus(0, all.bottom() - box.bottom());
                }));
    return edit(topology, boxes, aligned, "Align");
  }

  /**
   * Makes the gaps between elements equal; the outermost two stay.
   *
   * @param ids of nodes and notes; others are passed over
   * @param across whether from left to right, else from top to bottom
   * @return empty when fewer than three are left, or the gaps are equal already
   */
  public static Optional<Edit> distribute(
      Topology topology, Collection<String> ids, boolean across) {
    Map<String, Box> boxes = boxes(topology, ids);
    if (boxes.size() < 3) {
      return Optional.empty();
    }
    List<Map.Entry<String, Box>> order = new ArrayList<>(boxes.entrySet());
    order.sort(
        Comparator.comparingDouble(
            entry -> across ? entry.getValue().centreX() : entry.getValue().centreY()));
    Box first = order.getFirst().getValue();
    Box last = order.getLast().getValue();
    double inner =
        order.subList(1, order.size() - 1).stream()
            .mapToDouble(entry -> length(entry.getValue(), across))
            .sum();
    double room = across ? last.left() - first.right() : last.top() - first.bottom();
    double gap = (room - inner) / (order.size() - 1);
    double next = (across ? first.right() : first.bottom()) + gap;
    Map<String, Box> spread = new LinkedHashMap<>(boxes);
    for (Map.Entry<String, Box> entry : order.subList(1, order.size() - 1)) {
      Box box = entry.getValue();
      spread.put(
          entry.getKey(), across ? box.plus(next - box.left(), 0) : box.plus(0, next - box.top()));
      next += length(box, across) + gap;
    }
    return edit(topology, boxes, spread, "Distribute");
  }

  private static double length(Box box, boolean across) {
    return across ? box.width() : box.height();
  }

  private static Map<String, Box> boxes(Topology topology, Collection<String> ids) {
    Map<String, Box> boxes = new LinkedHashMap<>();
    for (Node node : topology.nodes()) {
      if (ids.contains(node.id())) {
        boxes.put(node.id(), Cards.box(node));
      }
    }
    for (Note note : topology.notes()) {
      if (ids.contains(note.id())) {
        boxes.put(note.id(), Box.of(note.bounds()));
      }
    }
    return boxes;
  }

  private static Optional<Edit> edit(
      Topology topology, Map<String, Box> before, Map<String, Box> after, String verb) {
    Map<String, Point> positions = new HashMap<>();
    List<Edit> edits = new ArrayList<>();
    for (Node node : topology.nodes()) {
      Box box = after.get(node.id());
      if (box != null) {
        Point place = Cards.within(topology, node, new Point(box.centreX(), box.centreY()));
        if (!place.equals(node.position())) {
          positions.put(node.id(), place);
        }
      }
    }
    if (!positions.isEmpty()) {
      edits.add(new MoveNodes(positions));
    }
    for (Note note : topology.notes()) {
      Box box = after.get(note.id());
      if (box != null && !box.equals(before.get(note.id()))) {
        edits.add(new ChangeNote(note.withBounds(box.toBounds())));
      }
    }
    return edits.isEmpty()
        ? Optional.empty()
        : Optional.of(new Composite(verb + " " + after.size() + " elements", edits));
  }
}
