// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology.edit;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Note;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;

/** What the edits share: looking elements up, and changing immutable lists. */
final class Elements {

  /** Place in a list that stands for its end. */
  static final int LAST = Integer.MAX_VALUE;

  private Elements() {}

  static Node node(Topology topology, String id) {
    return topology.node(id).orElseThrow(() -> missing("node", id));
  }

  static Region region(Topology topology, String id) {
    return topology.region(id).orElseThrow(() -> missing("region", id));
  }

  static Link link(Topology topology, String id) {
    return topology.link(id).orElseThrow(() -> missing("link", id));
  }

  static Note note(Topology topology, String id) {
    return topology.note(id).orElseThrow(() -> missing("note", id));
  }

  private static IllegalArgumentException missing(String kind, String id) {
    return new IllegalArgumentException(
        "There is no " + kind + " with the id \"" + id + "\" any more, so nothing was changed.");
  }

  static void requireNew(Topology topology, String id) {
    if (topology.hasId(id)) {
      throw new IllegalArgumentException(
          "The id \"" + id + "\" is taken already, so nothing was added.");
    }
  }

  /** Checks that a link's end exists and has no other link. */
  static void requireFree(Topology topology, End end, String linkId) {
    Node node = node(topology, end.node());
    if (node.nic(end.nic()).isEmpty()) {
      throw new IllegalArgumentException(
          "\""
              + node.name()
              + "\" has no network interface "
              + end.nic()
              + ", so no link can end there.");
    }
    boolean taken =
        topology.links().stream().anyMatch(link -> !link.id().equals(linkId) && link.endsAt(end));
    if (taken) {
      throw new IllegalArgumentException(
          end.nic() + " of \"" + node.name() + "\" has a link already; an interface takes one.");
    }
  }

  static <T> List<T> inserted(List<T> list, int index, T element) {
    List<T> result = new ArrayList<>(list);
    result.add(Math.clamp(index, 0, list.size()), element);
    return result;
  }

  static <T> List<T> without(List<T> list, T element) {
    List<T> result = new ArrayList<>(list);
    result.remove(element);
    return result;
  }

  static <T> List<T> replaced(List<T> list, T old, T replacement) {
    return mapped(list, element -> element.equals(old) ? replacement : element);
  }

  static <T> List<T> mapped(List<T> list, Function<T, T> function) {
    return list.stream().map(function).toList();
  }

  /** Name of a link for people: the names of its ends. */
  static String describe(Topology topology, Link link) {
    return nodeName(topology, link.a().node()) + " – " + nodeName(topology, link.b().node());
  }

  static String nodeName(Topology topology, String id) {
    return topology.node(id).map(Node::name).orElse(id);
  }
}
