// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Rate;
import org.mobitopolo.topology.Route;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;

class GraphImportTest {

  @ParameterizedTest
  @ValueSource(strings = {"graph/backbone.graphml", "graph/backbone.gml"})
  void citiesBecomeRoutersWhereTheyLieOnTheMap(String file) throws Exception {
    Imported lab = Labs.read(file);
    assertThat(lab.topology().name()).isEqualTo("Backbone");
    assertThat(lab.topology().nodes())
        .extracting(Node::name)
        .containsExactly("Tokyo", "Seattle", "Denver", "New-York", "Sao-Paulo", "Exchange");
    Point tokyo = Labs.machine(lab, "Tokyo").position();
    Point seattle = Labs.machine(lab, "Seattle").position();
    Point newYork = Labs.machine(lab, "New-York").position();
    Point saoPaulo = Labs.machine(lab, "Sao-Paulo").position();
    assertThat(seattle.x()).isLessThan(newYork.x());
    assertThat(newYork.x()).isLessThan(saoPaulo.x());
    assertThat(saoPaulo.x()).isLessThan(tokyo.x());
    assertThat(seattle.y()).isLessThan(newYork.y());
    assertThat(newYork.y()).isLessThan(saoPaulo.y());
    assertThat(Labs.machine(lab, "Exchange").position().y()).isGreaterThan(saoPaulo.y());
  }

  @ParameterizedTest
  @ValueSource(strings = {"graph/backbone.graphml", "graph/backbone.gml"})
  void linksDelayAsLightInAFibre(String file) throws Exception {
    Topology topology = Labs.read(file).topology();
    assertThat(topology.links()).hasSize(6);
    Link pacific = Labs.link(topology, "Tokyo", "eth0");
    // 7,700 km between Tokyo and Seattle
    assertThat((double) pacific.ab().delay().toNanos())
        .isCloseTo(38.5e6, within(0.3e6));
    assertThat(pacific.ba()).isEqualTo(pacific.ab());
    assertThat(pacific.ab().rate()).isEqualTo(Rate.parse("10Gbit"));
    assertThat(Labs.link(topology, "Sao-Paulo", "eth0").ab().rate())
        .isEqualTo(Rate.parse("155Mbit"));
    assertThat(Labs.link(topology, "Exchange", "eth0").ab().delay()).isEqualTo(Duration.ZERO);
  }

  @Test
  void aLinkFromANodeToItselfIsLeftOut() throws Exception {
    Imported lab = Labs.read("graph/backbone.graphml");
    assertThat(lab.findings())
        .filteredOn(finding -> finding.outcome() == Finding.Outcome.LEFT_OUT)
        .singleElement()
        .satisfies(finding -> assertThat(finding.reason()).contains("same node"));
  }

  @Test
  void everyRouterReachesEachOtherByItsRoutes() throws Exception {
    Topology topology = Labs.read("graph/backbone.graphml").topology();
    for (VirtualMachine from : topology.virtualMachines().toList()) {
      for (VirtualMachine to : topology.virtualMachines().toList()) {
        if (from != to) {
          Cidr wanted =
              to.nics().getFirst().addresses().stream()
                  .filter(address -> address.prefixLength() == 32)
                  .findFirst()
                  .orElseThrow();
          follow(topology, from, wanted, to);
        }
      }
    }
  }

  /** Walks from gateway to gateway as packets do; fails where a route is missing or runs round. */
  private static void follow(
      Topology topology, VirtualMachine from, Cidr wanted, VirtualMachine to) {
    Set<String> passed = new HashSet<>();
    VirtualMachine at = from;
    while (!at.id().equals(to.id())) {
      assertThat(passed.add(at.id())).as("packets from %s run round", from.name()).isTrue();
      Optional<Route> route =
          at.routes().stream().filter(entry -> entry.to().equals(wanted)).findFirst();
      assertThat(route).as("route at %s to %s", at.name(), to.name()).isPresent();
      at =
          topology
              .virtualMachines()
              .filter(
                  vm ->
                      vm.nics().stream()
                          .flatMap(nic -> nic.addresses().stream())
                          .anyMatch(own -> own.address().equals(route.orElseThrow().via())))
              .findFirst()
              .orElseThrow();
      assertThat(at.forward()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "graph [ node [ id 1 ",
        "graph [ node [ id 1 ] ] ]",
        "graph [ node [ id ] ]",
        "graph [ node [ label \"open ] ]",
        "nothing 1",
        "graph [ 7 [ ] ]",
        "",
      })
  void damagedGmlIsToldWithItsPlace(String text, @TempDir Path folder) {
    assertThatThrownBy(() -> Labs.read(folder, "x.gml", text))
        .isInstanceOf(ImportException.class)
        .hasMessageContaining("x.gml");
  }

  @Test
  void aGraphWithManyNodesStaysSoundWithoutRoutes(@TempDir Path folder) throws Exception {
    StringBuilder text = new StringBuilder("graph [\n");
    for (int i = 0; i < 400; i++) {
      text.append("node [ id ").append(i).append(" label \"n\" ]\n");
      text.append("edge [ source 0 target ").append(i).append(" ]\n");
    }
    Imported lab = Labs.read(folder, "star.gml", text.append("]").toString());
    assertThat(lab.topology().nodes()).hasSize(400);
    // a VM has 16 interfaces; the edge from 0 to itself takes none
    assertThat(lab.topology().linksOf(lab.topology().nodes().getFirst().id())).hasSize(16);
    assertThat(lab.topology().nodes()).extracting(Node::position).doesNotHaveDuplicates();
  }
}
