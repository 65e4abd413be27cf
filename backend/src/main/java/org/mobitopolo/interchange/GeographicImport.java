// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.mobitopolo.topology.Impairment;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Quantities;
import org.mobitopolo.topology.Rate;
import org.mobitopolo.topology.Size;
import org.mobitopolo.topology.Symbol;

/**
 * Makes a lab of a graph, such as those of the Internet Topology Zoo (Knight and others, IEEE JSAC
 * 2011): each vertex is a router at its longitude and latitude, each edge a link whose delay is that
 * of light in a fibre along the great circle. Addresses and static routes are given out, so that the
 * routers reach each other as soon as they run; see {@link AddressPlan}.
 */
final class GeographicImport {

  /** Of light in glass, about two thirds of that in vacuum. */
  private static final double KILOMETRES_A_SECOND = 200_000;

  private static final double EARTH_RADIUS_KM = 6371.0088;

  /** How wide the drawing becomes, scene pixels. */
  private static final double WIDTH = 1600;

  private static final double FEWEST_PIXELS_A_NODE = 60;

  private final Draft draft;
  private final Graph graph;

  private GeographicImport(Graph graph, Draft draft) {
    this.graph = graph;
    this.draft = draft;
  }

  static void read(Graph graph, Draft draft) throws ImportException {
    GeographicImport reader = new GeographicImport(graph, draft);
    draft.name(
        graph.attributes().getOrDefault("network", graph.attributes().getOrDefault("label", "")));
    reader.nodes();
    reader.positions();
    reader.links();
    AddressPlan.give(draft);
  }

  private record Place(double longitude, double latitude) {
    static Optional<Place> of(Map<String, String> attributes) {
      OptionalDouble longitude = Graph.number(attributes, "longitude");
      OptionalDouble latitude = Graph.number(attributes, "latitude");
      return longitude.isPresent()
              && latitude.isPresent()
              && Math.abs(longitude.getAsDouble()) <= 180
              && Math.abs(latitude.getAsDouble()) <= 90
          ? Optional.of(new Place(longitude.getAsDouble(), latitude.getAsDouble()))
          : Optional.empty();
    }

    /** Great-circle distance by the haversine formula. */
    double kilometresTo(Place other) {
      double phi1 = Math.toRadians(latitude);
      double phi2 = Math.toRadians(other.latitude);
      double half =
          square(Math.sin((phi2 - phi1) / 2))
              + Math.cos(phi1)
                  * Math.cos(phi2)
                  * square(Math.sin(Math.toRadians(other.longitude - longitude) / 2));
      return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(half)));
    }

    private static double square(double value) {
      return value * value;
    }
  }

  private void nodes() throws ImportException {
    for (Graph.Vertex vertex : graph.vertices()) {
      DraftNode node = draft.add(vertex.id(), vertex.label(), DraftNode.Kind.MACHINE);
      node.symbol = Symbol.ROUTER;
      node.forward = true;
      boolean placed = Place.of(vertex.attributes()).isPresent();
      draft.add(
          placed
              ? Finding.mapped(node.title, "node", "router at its longitude and latitude")
              : Finding.changed(
                  node.title, "node", "router below the map", "it has no longitude and latitude"));
    }
  }

  /** An equirectangular map whose scale is right at its middle latitude. */
  private void positions() {
    List<Place> places =
        graph.vertices().stream().flatMap(vertex -> Place.of(vertex.attributes()).stream()).toList();
    if (places.isEmpty()) {
      return;
    }
    double west = places.stream().mapToDouble(Place::longitude).min().orElseThrow();
    double east = places.stream().mapToDouble(Place::longitude).max().orElseThrow();
    double north = places.stream().mapToDouble(Place::latitude).max().orElseThrow();
    double south = places.stream().mapToDouble(Place::latitude).min().orElseThrow();
    double squeeze = Math.max(0.2, Math.cos(Math.toRadians((north + south) / 2)));
    double degrees = Math.max(Math.max((east - west) * squeeze, north - south), 0.01);
    double scale = Math.max(WIDTH, FEWEST_PIXELS_A_NODE * Math.sqrt(places.size()) * 2) / degrees;
    for (Graph.Vertex vertex : graph.vertices()) {
      Place.of(vertex.attributes())
          .ifPresent(
              place ->
                  draft.node(vertex.id()).orElseThrow().position =
                      Optional.of(
                          new Point(
                              Math.rint((place.longitude() - west) * squeeze * scale),
                              Math.rint((north - place.latitude()) * scale))));
    }
  }

  private void links() throws ImportException {
    Map<String, Graph.Vertex> byId = new HashMap<>();
    graph.vertices().forEach(vertex -> byId.put(vertex.id(), vertex));
    Map<String, Integer> used = new HashMap<>();
    for (Graph.Edge edge : graph.edges()) {
      Optional<DraftNode> a = draft.node(edge.source());
      Optional<DraftNode> b = draft.node(edge.target());
      if (a.isEmpty() || b.isEmpty()) {
        draft.add(
            Finding.leftOut(
                edge.source() + " - " + edge.target(), "edge", "one of its nodes does not exist"));
        continue;
      }
      Optional<Draft.DraftLink> link =
          draft.connect(
              a.get(),
              nic(edge.source(), used),
              b.get(),
              nic(edge.target(), used));
      if (link.isPresent()) {
        Impairment impairment = impairment(edge, byId.get(edge.source()), byId.get(edge.target()));
        link.get().ab = impairment;
        link.get().ba = impairment;
        draft.add(Finding.mapped(link.get().title(), subject(edge), became(impairment)));
      }
    }
  }

  private static String nic(String node, Map<String, Integer> used) {
    return "eth" + (used.merge(node, 1, Integer::sum) - 1);
  }

  private static String subject(Graph.Edge edge) {
    String label = edge.attributes().getOrDefault("linklabel", "");
    return label.isBlank() ? "edge" : "edge " + Draft.limit(label.strip(), 60);
  }

  private static String became(Impairment impairment) {
    return "link, delay "
        + Quantities.format(impairment.delay())
        + (impairment.rate().isUnlimited() ? "" : ", rate " + impairment.rate());
  }

  private static Impairment impairment(Graph.Edge edge, Graph.Vertex a, Graph.Vertex b) {
    Impairment result = Impairment.NONE;
    Optional<Place> here = Place.of(a.attributes());
    Optional<Place> there = Place.of(b.attributes());
    if (here.isPresent() && there.isPresent()) {
      double seconds = here.get().kilometresTo(there.get()) / KILOMETRES_A_SECOND;
      result = result.withDelay(Duration.ofNanos(Math.round(seconds * 1e6) * 1000));
    }
    OptionalDouble speed = speed(edge);
    if (speed.isPresent() && speed.getAsDouble() >= 1 && speed.getAsDouble() < 1e15) {
      result = result.withRate(new Rate(Math.round(speed.getAsDouble())), Size.ZERO);
    }
    return result;
  }

  /** Bits a second: LinkSpeedRaw, or LinkSpeed with LinkSpeedUnits. */
  private static OptionalDouble speed(Graph.Edge edge) {
    OptionalDouble raw = Graph.number(edge.attributes(), "linkspeedraw");
    OptionalDouble number = Graph.number(edge.attributes(), "linkspeed");
    if (raw.isPresent() || number.isEmpty()) {
      return raw;
    }
    String unit = edge.attributes().getOrDefault("linkspeedunits", "").toUpperCase(Locale.ROOT);
    int power = unit.isEmpty() ? -1 : "KMGT".indexOf(unit.charAt(0));
    return power < 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(
            BigDecimal.valueOf(number.getAsDouble()).scaleByPowerOfTen(3 * (power + 1)).doubleValue());
  }
}
