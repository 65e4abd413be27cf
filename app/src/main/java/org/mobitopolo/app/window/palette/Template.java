// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.palette;

import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.mobitopolo.icons.Icon;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Symbol;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;
import org.mobitopolo.topology.edit.Edit;
import org.mobitopolo.topology.edit.Fragment;

/**
 * Nodes with the links among them, to be placed again and again.
 *
 * @param part a topology that holds them and no region
 * @param file where it stands; empty for those that the program brings along
 */
public record Template(String name, Topology part, Optional<Path> file) {

  /** Adds a copy of it whose middle is at the place. */
  Edit placedAt(Topology topology, Point place) {
    Point middle = middle();
    return new Fragment(part.nodes(), part.links(), part.notes())
        .paste(topology, place.x() - middle.x(), place.y() - middle.y());
  }

  private Point middle() {
    double left = places().mapToDouble(Point::x).min().orElse(0);
    double right = places().mapToDouble(Point::x).max().orElse(0);
    double top = places().mapToDouble(Point::y).min().orElse(0);
    double bottom = places().mapToDouble(Point::y).max().orElse(0);
    return new Point((left + right) / 2, (top + bottom) / 2);
  }

  private Stream<Point> places() {
    return Stream.concat(
        part.nodes().stream().map(node -> node.position()),
        part.notes().stream().map(note -> note.bounds().centre()));
  }

  /** The picture of its only machine; several nodes have one of their own. */
  Icon icon() {
    return part.nodes().size() == 1 && part.nodes().getFirst() instanceof VirtualMachine vm
        ? icon(vm.symbol())
        : Icon.GENERATE;
  }

  private static Icon icon(Symbol symbol) {
    return switch (symbol) {
      case VM -> Icon.VM;
      case CLIENT -> Icon.CLIENT;
      case SERVER -> Icon.SERVER;
      case ROUTER -> Icon.ROUTER;
    };
  }
}
