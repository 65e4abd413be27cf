// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Nic;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Route;
import org.mobitopolo.topology.Symbol;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.Validator;
import org.mobitopolo.topology.VirtualMachine;
import org.mobitopolo.topology.edit.Composite;

class GeneratorTest {
  private static final Topology EMPTY =
      Topology.empty("lab", "Lab")
          .withRegions(
              List.of(
                  new Region("here", "Here", HostUrl.LOCAL, new Bounds(100, 100, 400, 300), "blue")));

  private static Generator.Recipe recipe(Shape shape, int count, int second) {
    return new Generator.Recipe(shape, count, second, Symbol.ROUTER, true, 42);
  }

  private static Topology make(Topology into, Generator.Recipe recipe) {
    return Generator.in(into, recipe, "here").apply(into);
  }

  private static int links(Shape shape, int count, int second) {
    return make(EMPTY, recipe(shape, count, second)).links().size();
  }

  @Test
  void eachShapeHasItsLinks() {
    assertThat(links(Shape.LINE, 5, 0)).isEqualTo(4);
    assertThat(links(Shape.RING, 5, 0)).isEqualTo(5);
    assertThat(links(Shape.STAR, 5, 0)).isEqualTo(5);
    assertThat(links(Shape.MESH, 5, 0)).isEqualTo(10);
    assertThat(links(Shape.TREE, 7, 2)).isEqualTo(6);
    assertThat(links(Shape.GRID, 4, 3)).isEqualTo(17);
    assertThat(links(Shape.LEAF_SPINE, 4, 2)).isEqualTo(8);
    assertThat(links(Shape.RANDOM, 20, 3)).isEqualTo(30);
  }

  @ParameterizedTest
  @EnumSource(Shape.class)
  void theNetworkIsValidLiesInItsRegionAndUndoTakesItAway(Shape shape) {
    Composite edit = Generator.in(EMPTY, recipe(shape, 6, Math.max(1, shape.usualSecond())), "here");
    Topology made = edit.apply(EMPTY);
    assertThat(Validator.errors(made)).isEmpty();
    Bounds region = made.region("here").orElseThrow().bounds();
    assertThat(made.nodes())
        .allMatch(node -> node.region().equals(Optional.of("here")))
        .allMatch(node -> region.contains(node.position()));
    assertThat(made.nodes()).extracting(Node::position).doesNotHaveDuplicates();
    assertThat(edit.inverse(EMPTY).apply(made)).isEqualTo(EMPTY);
  }

  /** Follows the routes as a packet would, from every machine to every address. */
  @ParameterizedTest
  @EnumSource(Shape.class)
  void everyAddressIsReachedFromEverywhere(Shape shape) {
    Topology made = make(EMPTY, recipe(shape, 7, Math.max(1, shape.usualSecond())));
    List<VirtualMachine> machines = made.virtualMachines().toList();
    for (VirtualMachine from : machines) {
      for (VirtualMachine to : machines) {
        for (Nic nic : to.nics()) {
          InetAddress goal = nic.addresses().getFirst().address();
          VirtualMachine at = from;
          for (int hops = 0; !at.equals(to); hops++) {
            assertThat(hops).as(from.name() + " to " + goal).isLessThan(machines.size());
            at = next(made, at, goal);
          }
        }
      }
    }
  }

  private static VirtualMachine next(Topology topology, VirtualMachine at, InetAddress goal) {
    for (Nic nic : at.nics()) {
      if (nic.addresses().getFirst().contains(goal)) {
        return owner(topology, goal);
      }
    }
    Route route =
        at.routes().stream()
            .filter(r -> !r.isDefault() && r.to().contains(goal))
            .findFirst()
            .orElseGet(
                () -> at.routes().stream().filter(Route::isDefault).findFirst().orElseThrow());
    assertThat(at.nics()).anyMatch(nic -> nic.addresses().getFirst().contains(route.via()));
    VirtualMachine next = owner(topology, route.via());
    assertThat(next.forward()).as(next.name() + " forwards").isTrue();
    return next;
  }

  private static VirtualMachine owner(Topology topology, InetAddress address) {
    return topology
        .virtualMachines()
        .filter(
            vm ->
                vm.nics().stream()
                    .anyMatch(nic -> nic.addresses().getFirst().address().equals(address)))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aRandomNetworkIsConnectedAndTheSameForTheSameSeed() {
    Topology one = make(EMPTY, recipe(Shape.RANDOM, 60, 2));
    Set<String> reached = new HashSet<>();
    List<String> waiting = new ArrayList<>(List.of(one.nodes().getFirst().id()));
    while (!waiting.isEmpty()) {
      String id = waiting.removeLast();
      if (reached.add(id)) {
        for (Link link : one.linksOf(id)) {
          waiting.add(link.opposite(id).orElseThrow().node());
        }
      }
    }
    assertThat(reached).hasSize(60);
    Topology other = make(EMPTY, recipe(Shape.RANDOM, 60, 2));
    assertThat(pairs(other)).isEqualTo(pairs(one));
  }

  private static List<String> pairs(Topology topology) {
    return topology.links().stream()
        .map(
            link ->
                topology.node(link.a().node()).orElseThrow().name()
                    + topology.node(link.b().node()).orElseThrow().name())
        .toList();
  }

  @Test
  void aSecondNetworkHasOtherNamesAndAddressesAndStandsBelow() {
    Topology first = make(EMPTY, recipe(Shape.RING, 4, 0));
    Topology both = make(first, recipe(Shape.RING, 4, 0));
    assertThat(both.nodes()).hasSize(8);
    assertThat(Validator.errors(both)).isEmpty();
    assertThat(
            both.nodes().stream()
                .flatMap(node -> node.nics().stream())
                .flatMap(nic -> nic.addresses().stream())
                .map(Cidr::address))
        .doesNotHaveDuplicates();
    double lowest = first.nodes().stream().mapToDouble(n -> n.position().y()).max().orElseThrow();
    assertThat(both.nodes().subList(4, 8)).allMatch(node -> node.position().y() > lowest);
  }

  @Test
  void withoutARegionItStandsAroundAPlace() {
    Topology made =
        Generator.at(EMPTY, recipe(Shape.RING, 4, 0), new Point(1000, 800)).apply(EMPTY);
    assertThat(made.nodes()).allMatch(node -> node.region().isEmpty());
    assertThat(made.nodes().stream().mapToDouble(n -> n.position().x()).average())
        .hasValueCloseTo(1000.0, within(16.0));
  }

  @Test
  void numbersThatMakeNoSenseAreRefused() {
    assertThatThrownBy(() -> recipe(Shape.RING, 2, 0)).hasMessageContaining("between 3 and 200");
    assertThatThrownBy(() -> recipe(Shape.GRID, 4, 21)).hasMessageContaining("between 1 and 20");
  }
}
