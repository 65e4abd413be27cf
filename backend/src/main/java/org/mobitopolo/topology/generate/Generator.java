// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology.generate;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.Ids;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Nic;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Route;
import org.mobitopolo.topology.Switch;
import org.mobitopolo.topology.Symbol;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;
import org.mobitopolo.topology.edit.AddLink;
import org.mobitopolo.topology.edit.AddNode;
import org.mobitopolo.topology.edit.ChangeRegion;
import org.mobitopolo.topology.edit.Composite;
import org.mobitopolo.topology.edit.Edit;

/** Makes the edit that adds a whole network. */
public final class Generator {
  private static final double GRID = 16;
  private static final double INSET = 128;
  private static final double TOP = 80;
  private static final double BOTTOM = 64;

  /**
   * What to make.
   *
   * @param count see {@link Shape}
   * @param second see {@link Shape}; passed over by shapes without a second number
   * @param symbol of the machines
   * @param addresses whether machines get addresses and routes
   * @param seed decides about what is random; the same seed gives the same network
   */
  public record Recipe(
      Shape shape, int count, int second, Symbol symbol, boolean addresses, long seed) {
    public Recipe {
      if (count < shape.smallest() || count > shape.largest()) {
        throw new IllegalArgumentException(
            "The number must be between " + shape.smallest() + " and " + shape.largest() + ".");
      }
      if (shape.hasSecond() && (second < 1 || second > shape.largestSecond())) {
        throw new IllegalArgumentException(
            "The second number must be between 1 and " + shape.largestSecond() + ".");
      }
    }
  }

  private final Topology into;
  private final Recipe recipe;
  private final Plan plan;
  private final Set<String> ids = new HashSet<>();
  private final Set<String> macs = new HashSet<>();
  private final Set<String> names = new HashSet<>();

  private Generator(Topology into, Recipe recipe) {
    this.into = into;
    this.recipe = recipe;
    plan = Plan.of(recipe.shape(), recipe.count(), recipe.second(), recipe.seed());
    into.nodes().forEach(node -> names.add(node.name()));
  }

  /**
   * Makes a network in a region, below what is there already; the region grows around it.
   *
   * @param region id of a region of the topology
   * @throws IllegalArgumentException with a sentence when no addresses are left for it
   */
  public static Composite in(Topology into, Recipe recipe, String region) {
    Region home = into.region(region).orElseThrow();
    Bounds bounds = home.bounds();
    double top =
        into.nodesIn(region).stream()
            .mapToDouble(node -> node.position().y() + TOP)
            .max()
            .orElse(bounds.y() + TOP);
    Generator generator = new Generator(into, recipe);
    Bounds extent = generator.extent();
    double dx = Math.max(bounds.x() + INSET, bounds.centre().x() - extent.width() / 2) - extent.x();
    double dy = Math.max(top, bounds.y() + TOP) - extent.y();
    List<Edit> edits = new ArrayList<>();
    double right = Math.max(bounds.x() + bounds.width(), extent.x() + extent.width() + dx + INSET);
    double bottom =
        Math.max(bounds.y() + bounds.height(), extent.y() + extent.height() + dy + BOTTOM);
    Bounds grown =
        new Bounds(
            bounds.x(), bounds.y(), onGrid(right - bounds.x()), onGrid(bottom - bounds.y()));
    if (grown.width() > bounds.width() || grown.height() > bounds.height()) {
      edits.add(
          new ChangeRegion(
              home.withBounds(
                  new Bounds(
                      bounds.x(),
                      bounds.y(),
                      Math.max(bounds.width(), grown.width()),
                      Math.max(bounds.height(), grown.height())))));
    }
    return generator.edit(dx, dy, Optional.of(region), edits);
  }

  /** Makes a network around a place, in no region. */
  public static Composite at(Topology into, Recipe recipe, Point centre) {
    Generator generator = new Generator(into, recipe);
    Point middle = generator.extent().centre();
    return generator.edit(
        centre.x() - middle.x(), centre.y() - middle.y(), Optional.empty(), new ArrayList<>());
  }

  private Bounds extent() {
    double left = plan.places().stream().mapToDouble(Point::x).min().orElse(0);
    double right = plan.places().stream().mapToDouble(Point::x).max().orElse(0);
    double top = plan.places().stream().mapToDouble(Point::y).min().orElse(0);
    double bottom = plan.places().stream().mapToDouble(Point::y).max().orElse(0);
    return new Bounds(left, top, right - left, bottom - top);
  }

  private Composite edit(double dx, double dy, Optional<String> region, List<Edit> edits) {
    List<Node> nodes = new ArrayList<>();
    Addressing addressing = recipe.addresses() ? new Addressing(into, plan) : null;
    List<List<Route>> routes = addressing == null ? List.of() : addressing.routes();
    List<List<Integer>> linksOf = plan.linksOf();
    for (int i = 0; i < plan.places().size(); i++) {
      Point place = plan.places().get(i);
      Point position = new Point(onGrid(place.x() + dx), onGrid(place.y() + dy));
      boolean hub = plan.hub() && i == plan.places().size() - 1;
      List<Nic> nics = new ArrayList<>();
      for (int link : linksOf.get(i)) {
        List<Cidr> addresses =
            hub || addressing == null ? List.of() : List.of(addressing.address(i, link));
        nics.add(new Nic((hub ? "port" : "eth") + nics.size(), newMac(), addresses));
      }
      nodes.add(
          hub
              ? new Switch(newId("node"), newName("switch"), region, position, nics)
              : VirtualMachine.create(newId("node"), newName(stem(i)), position)
                  .withSymbol(recipe.symbol())
                  .withRegion(region)
                  .withNics(nics)
                  .withRoutes(routes.isEmpty() ? List.of() : routes.get(i))
                  .withForward(!plan.hub() && nics.size() > 1));
    }
    nodes.forEach(node -> edits.add(new AddNode(node)));
    for (int i = 0; i < plan.links().size(); i++) {
      Plan.Pair pair = plan.links().get(i);
      edits.add(
          new AddLink(
              Link.create(
                  newId("link"),
                  end(nodes.get(pair.a()), linksOf.get(pair.a()).indexOf(i)),
                  end(nodes.get(pair.b()), linksOf.get(pair.b()).indexOf(i)))));
    }
    return new Composite("Generate " + nodes.size() + " nodes", edits);
  }

  private static End end(Node node, int nic) {
    return new End(node.id(), node.nics().get(nic).name());
  }

  private String stem(int index) {
    if (recipe.shape() == Shape.LEAF_SPINE) {
      return index < recipe.second() ? "spine" : "leaf";
    }
    return switch (recipe.symbol()) {
      case VM -> "vm";
      case CLIENT -> "client";
      case SERVER -> "server";
      case ROUTER -> "router";
    };
  }

  private String newId(String prefix) {
    String id;
    do {
      id = Ids.newId(into, prefix);
    } while (!ids.add(id));
    return id;
  }

  private String newMac() {
    String mac;
    do {
      mac = Ids.newMac(into);
    } while (!macs.add(mac));
    return mac;
  }

  private String newName(String stem) {
    int number = 1;
    while (!names.add(stem + number)) {
      number++;
    }
    return stem + number;
  }

  private static double onGrid(double value) {
    return Math.round(value / GRID) * GRID;
  }
}
