// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.Gateway;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Ids;
import org.mobitopolo.topology.Note;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Switch;
import org.mobitopolo.topology.Symbol;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;
import org.mobitopolo.topology.edit.AddNode;
import org.mobitopolo.topology.edit.AddNote;
import org.mobitopolo.topology.edit.AddRegion;

/** Makes the edits that add something new at a place of the canvas. Pure functions. */
final class Additions {
  private static final double REGION_WIDTH = 560;
  private static final double REGION_HEIGHT = 360;
  private static final double REGION_GAP = 80;
  private static final double NOTE_WIDTH = 200;
  private static final double NOTE_HEIGHT = 90;
  private static final double AREA_WIDTH = 320;
  private static final double AREA_HEIGHT = 200;
  private static final List<String> TINTS =
      List.of("blue", "green", "orange", "purple", "teal", "red");

  private Additions() {}

  /** A machine, in the region that covers the place; a router forwards what is not for itself. */
  static AddNode machine(Topology topology, Symbol symbol, Point place) {
    String stem = symbol.name().toLowerCase(Locale.ROOT);
    VirtualMachine vm =
        VirtualMachine.create(Ids.newId(topology, "node"), Ids.nextNodeName(topology, stem), place)
            .withSymbol(symbol)
            .withForward(symbol == Symbol.ROUTER)
            .withRegion(topology.regionAt(place).map(Region::id));
    return new AddNode(vm);
  }

  /** A switch, in the region that covers the place; it gets a port with each link. */
  static AddNode networkSwitch(Topology topology, Point place) {
    return new AddNode(
        new Switch(
            Ids.newId(topology, "node"),
            Ids.nextNodeName(topology, "switch"),
            topology.regionAt(place).map(Region::id),
            place,
            List.of()));
  }

  /** A gateway to the network of its region's host, likewise. */
  static AddNode gateway(Topology topology, Point place) {
    return new AddNode(
        new Gateway(
            Ids.newId(topology, "node"),
            Ids.nextNodeName(topology, "gateway"),
            topology.regionAt(place).map(Region::id),
            place,
            List.of()));
  }

  /** A region of this computer, at the place or, without one, at the right of all others. */
  static AddRegion region(Topology topology, Optional<Point> place, Texts texts) {
    int number = topology.regions().size() + 1;
    while (hasRegionNamed(topology, texts.get("region.new", number))) {
      number++;
    }
    Bounds bounds =
        place
            .map(
                centre ->
                    new Bounds(
                        centre.x() - REGION_WIDTH / 2,
                        centre.y() - REGION_HEIGHT / 2,
                        REGION_WIDTH,
                        REGION_HEIGHT))
            .orElseGet(() -> besideOthers(topology));
    String tint = TINTS.get(topology.regions().size() % TINTS.size());
    return new AddRegion(
        new Region(
            Ids.newId(topology, "region"),
            texts.get("region.new", number),
            HostUrl.LOCAL,
            bounds,
            tint));
  }

  private static boolean hasRegionNamed(Topology topology, String name) {
    return topology.regions().stream().anyMatch(region -> region.name().equals(name));
  }

  private static Bounds besideOthers(Topology topology) {
    double right =
        topology.regions().stream()
            .mapToDouble(region -> region.bounds().x() + region.bounds().width() + REGION_GAP)
            .max()
            .orElse(0);
    double top =
        topology.regions().stream().mapToDouble(region -> region.bounds().y()).min().orElse(0);
    return new Bounds(right, top, REGION_WIDTH, REGION_HEIGHT);
  }

  static AddNote note(Topology topology, Point place, Texts texts) {
    Bounds bounds =
        new Bounds(
            place.x() - NOTE_WIDTH / 2, place.y() - NOTE_HEIGHT / 2, NOTE_WIDTH, NOTE_HEIGHT);
    return new AddNote(
        new Note(Ids.newId(topology, "note"), texts.get("note.new"), bounds, "orange"));
  }

  /** An area behind nodes. */
  static AddNote area(Topology topology, Point place, Texts texts) {
    Bounds bounds =
        new Bounds(
            place.x() - AREA_WIDTH / 2, place.y() - AREA_HEIGHT / 2, AREA_WIDTH, AREA_HEIGHT);
    return new AddNote(
        new Note(
            Ids.newId(topology, "note"), texts.get("area.new"), bounds, "purple", Note.Kind.AREA));
  }
}
