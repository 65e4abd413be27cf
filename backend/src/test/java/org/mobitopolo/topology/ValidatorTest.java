// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class ValidatorTest {

  private final Topology full = Samples.full();
  private final VirtualMachine client = (VirtualMachine) full.nodes().get(0);

  @Test
  void aSoundTopologyHasOnlyTheWarningOfItsUnplacedSwitch() {
    assertThat(Validator.validate(full))
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.isError()).isFalse();
              assertThat(problem.element()).isEqualTo("hub");
              assertThat(problem.field()).isEqualTo("region");
            });
    assertThat(Validator.errors(full)).isEmpty();
  }

  private void clientFault(UnaryOperator<VirtualMachine> change, String field, String message) {
    List<Node> nodes = new ArrayList<>(full.nodes());
    nodes.set(0, change.apply(client));
    expect(full.withNodes(nodes), "client", field, message);
  }

  private static void expect(Topology topology, String element, String field, String message) {
    assertThat(Validator.errors(topology))
        .anySatisfy(
            problem -> {
              assertThat(problem.element()).isEqualTo(element);
              assertThat(problem.field()).isEqualTo(field);
              assertThat(problem.message()).contains(message).endsWith(".");
            });
  }

  @Test
  void namesOfNodesMustBeHostNamesAndUnique() {
    clientFault(vm -> vm.withName("my client"), "name", "can't name a node");
    clientFault(vm -> vm.withName(""), "name", "can't name a node");
    clientFault(vm -> vm.withName("x".repeat(64)), "name", "can't name a node");
    expect(
        full.withNodes(
                List.of(client, client.withId("other").withNics(List.of()).withRoutes(List.of())))
            .withLinks(List.of()),
        "other",
        "name",
        "Two nodes");
  }

  @Test
  void idsAreUniqueAcrossAllKinds() {
    expect(
        full.withNotes(List.of(new Note("client", "x", new Bounds(0, 0, 1, 1), "gray"))),
        "client",
        "id",
        "Two elements");
  }

  @Test
  void memoryLiesInWhatTheAgentTakes() {
    clientFault(vm -> vm.withMemory(Size.ofMiB(15)), "memory", "16MiB to 64GiB");
    clientFault(vm -> vm.withMemory(Size.ofMiB(65537)), "memory", "16MiB to 64GiB");
    clientFault(vm -> vm.withMemory(new Size((64L << 20) + 4096)), "memory", "whole mebibytes");
  }

  @Test
  void interfacesAreNumberedInTheirOrder() {
    clientFault(vm -> vm.withNics(vm.nics().reversed()), "nics[0].name", "must be eth0");
    List<Nic> many = new ArrayList<>();
    for (int i = 0; i <= Validator.MOST_NICS; i++) {
      many.add(
          new Nic(
              "eth" + i,
              String.format("02:00:00:00:01:%02x", i),
              i == 0 ? client.nics().getFirst().addresses() : List.of()));
    }
    clientFault(vm -> vm.withNics(many), "nics", "17 network interfaces");
  }

  @Test
  void macAddressesAreUnique() {
    clientFault(
        vm ->
            vm.withNics(
                List.of(vm.nics().get(0), new Nic("eth1", vm.nics().get(0).mac(), List.of()))),
        "nics[1].mac",
        "as has client eth0");
  }

  @Test
  void routesGoThroughANetworkOfTheMachine() {
    clientFault(
        vm -> vm.withRoutes(List.of(Route.parse("default", Cidr.parseAddress("192.0.2.1")))),
        "routes",
        "192.0.2.1");
  }

  @Test
  void imagesAndVariablesHaveNamesThatShellsAndHostsTake() {
    clientFault(vm -> vm.withImage("../../etc/passwd"), "image", "can't be a name");
    clientFault(vm -> vm.withImage(""), "image", "can't be a name");
    clientFault(vm -> vm.withEnv(Map.of("A B", "x")), "env", "A B");
    clientFault(vm -> vm.withStartup("x".repeat(200_000)), "startup", "longer");
  }

  @Test
  void regionsMustExist() {
    clientFault(vm -> vm.withRegion(Optional.of("mars")), "region", "mars");
    expect(
        full.withWans(List.of(new Wan("tokyo", "mars", Duration.ZERO, Rate.UNLIMITED))),
        full.id(),
        "wans",
        "mars");
    expect(
        full.withWans(List.of(new Wan("tokyo", "tokyo", Duration.ZERO, Rate.UNLIMITED))),
        full.id(),
        "wans",
        "different");
    expect(
        full.withWans(List.of(full.wans().getFirst(), full.wans().getFirst())),
        full.id(),
        "wans",
        "twice");
  }

  @Test
  void linksEndAtFreeInterfacesThatExist() {
    Link good = full.links().getFirst();
    expect(
        full.withLinks(List.of(good.withEnds(new End("ghost", "eth0"), good.b()))),
        "l1",
        "a.node",
        "ghost");
    expect(
        full.withLinks(List.of(good.withEnds(new End("client", "eth7"), good.b()))),
        "l1",
        "a.nic",
        "eth7");
    expect(
        full.withLinks(List.of(good.withEnds(good.a(), new End("client", "eth1")))),
        "l1",
        "b",
        "same node");
    expect(
        full.withLinks(
            List.of(good, Link.create("l9", new End("server", "eth0"), new End("hub", "port0")))),
        "l9",
        "a",
        "both end at eth0");
    expect(
        full.withLinks(
            List.of(
                good.withImpairments(
                    Impairment.NONE.withDelay(Duration.ofSeconds(61)), Impairment.NONE))),
        "l1",
        "impairments.ab.delay",
        "longest delay");
  }

  @Test
  void anAddressUsedTwiceIsAWarningOnly() {
    List<Node> nodes = new ArrayList<>(full.nodes());
    nodes.set(
        1,
        full.nodes()
            .get(1)
            .withNics(
                List.of(
                    full.nodes()
                        .get(1)
                        .nics()
                        .getFirst()
                        .withAddresses(List.of(Cidr.parse("10.0.1.2/24"))))));
    assertThat(Validator.errors(full.withNodes(nodes))).isEmpty();
    assertThat(Validator.validate(full.withNodes(nodes)))
        .anySatisfy(problem -> assertThat(problem.message()).contains("10.0.1.2"));
  }

  @Test
  void theLabItselfNeedsIdAndName() {
    expect(full.withId("a/b"), "a/b", "id", "lab's id");
    expect(full.withName(" "), full.id(), "name", "no name");
  }
}
