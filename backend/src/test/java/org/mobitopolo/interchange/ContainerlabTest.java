// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.Gateway;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Nic;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Rate;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Size;
import org.mobitopolo.topology.Switch;
import org.mobitopolo.topology.Symbol;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.TopologyJson;
import org.mobitopolo.topology.VirtualMachine;

class ContainerlabTest {

  @Test
  void aBridgeBecomesASwitchAndForeignInterfacesGetOurNames() throws Exception {
    Imported lab = Labs.read("containerlab/bridge.clab.yml");
    assertThat(lab.topology().name()).isEqualTo("bridged");
    assertThat(lab.topology().nodes())
        .extracting(Node::name)
        .containsExactly("leaf1", "leaf2", "leaf3", "br-lab");
    assertThat(lab.topology().nodeNamed("br-lab").orElseThrow()).isInstanceOf(Switch.class);
    assertThat(Labs.machine(lab, "leaf1").symbol()).isEqualTo(Symbol.ROUTER);
    assertThat(lab.topology().links()).hasSize(4);
    Link direct = Labs.link(lab.topology(), "leaf1", "eth1");
    assertThat(direct.opposite("leaf1")).contains(new End("leaf2", "eth1"));
    assertThat(Labs.findings(lab, "leaf1"))
        .anySatisfy(
            finding ->
                assertThat(finding).contains("kind nokia_srlinux", "operating system can't run"))
        .anySatisfy(finding -> assertThat(finding).contains("e1-1 is eth0, e1-2 is eth1"));
  }

  @Test
  void commandsBecomeAddressesRoutesForwardingAndImpairments() throws Exception {
    Imported lab = Labs.read("containerlab/web.clab.yml");
    assertThat(Labs.nic(lab, "client", "eth1").addresses())
        .containsExactly(Cidr.parse("192.168.1.2/24"), Cidr.parse("fd00:1::2/64"));
    assertThat(Labs.machine(lab, "client").routes())
        .singleElement()
        .satisfies(
            route -> {
              assertThat(route.to()).isEqualTo(Cidr.parse("10.0.0.0/8"));
              assertThat(route.via()).isEqualTo(Cidr.parseAddress("192.168.1.1"));
            });
    assertThat(Labs.machine(lab, "client").startup()).isEmpty();
    assertThat(Labs.machine(lab, "client").forward()).isFalse();
    assertThat(Labs.machine(lab, "router").forward()).isTrue();
    Link link = Labs.link(lab.topology(), "client", "eth1");
    assertThat(link.ab().delay()).isEqualTo(Duration.ofMillis(20));
    assertThat(link.ab().jitter()).isEqualTo(Duration.ofMillis(5));
    assertThat(link.ab().loss()).isEqualTo(0.01);
    assertThat(link.ab().rate()).isEqualTo(Rate.parse("10Mbit"));
    assertThat(link.ba().isNone()).isTrue();
  }

  @Test
  void settingsAreInheritedAndTheRestGoesIntoTheScript() throws Exception {
    Imported lab = Labs.read("containerlab/web.clab.yml");
    VirtualMachine server = Labs.machine(lab, "server");
    assertThat(server.memory()).isEqualTo(Size.ofMiB(128));
    assertThat(server.env()).containsEntry("COLOR", "blue").containsEntry("ROOT", "/srv");
    assertThat(server.startup()).contains("echo it's here > /srv/index.html");
    assertThat(Labs.nic(lab, "router", "eth2").mac()).isEqualTo("02:00:00:00:00:aa");
    assertThat(Labs.machine(lab, "client").position()).isEqualTo(new Point(100, 250));
    assertThat(Labs.machine(lab, "router").startup())
        .contains("cat > /etc/frr/frr.conf <<'END_OF_FILE'", "router ospf", "vtysh -b");
  }

  @Test
  void whatCanNotBeIsLeftOutWithItsReason() throws Exception {
    Imported lab = Labs.read("containerlab/web.clab.yml");
    assertThat(lab.topology().nodeNamed("outside-1").orElseThrow()).isInstanceOf(Gateway.class);
    assertThat(Labs.link(lab.topology(), "server", "eth2").opposite("server"))
        .contains(new End("outside-1", "port0"));
    assertThat(Labs.findings(lab, "server:eth1 - client:eth2"))
        .singleElement()
        .asString()
        .startsWith("LEFT_OUT")
        .contains("router:eth2 - server:eth1");
    assertThat(Labs.findings(lab, "client:eth3 - nowhere:eth1"))
        .singleElement()
        .asString()
        .contains("no node nowhere:eth1");
    assertThat(Labs.findings(lab, "router"))
        .contains("LEFT_OUT ports:  (there is nothing like it for a VM here)");
  }

  @Test
  void newerKindsAndContainersFromElsewhereAreExplained(@TempDir Path folder) throws Exception {
    Imported lab =
        Labs.read(
            folder,
            "mixed.clab.yml",
            """
            name: mixed
            topology:
              nodes:
                sim: {kind: nokia_srsim, image: "nokia_srsim:25.7"}
                bng: {kind: veesix_osvbng}
                cluster: {kind: k8s-kind}
              links:
                - endpoints: ["sim:1/1/c1/1", "bng:eth1"]
                - endpoints: ["bng:eth2", "container:web:eth1"]
            """);
    assertThat(Labs.machine(lab, "sim").forward()).isTrue();
    assertThat(Labs.machine(lab, "bng").forward()).isTrue();
    assertThat(Labs.findings(lab, "sim")).anySatisfy(finding -> assertThat(finding).contains("its own operating system can't run here"));
    assertThat(Labs.findings(lab, "cluster")).singleElement().asString().contains("a cluster of containers can't run here");
    assertThat(Labs.findings(lab, "bng:eth2 - container:web:eth1")).singleElement().asString().contains("a container that this lab does not make");
    assertThat(lab.topology().nodeNamed("bng").orElseThrow().nic("eth2")).isPresent();
  }

  @Test
  void filesOutsideTheLabsFolderAreNotRead(@TempDir Path folder) throws Exception {
    Files.writeString(folder.resolve("secret"), "the key");
    Path inner = Files.createDirectory(folder.resolve("lab"));
    Files.createSymbolicLink(inner.resolve("link"), folder.resolve("secret"));
    Imported lab =
        Labs.read(
            inner,
            "x.clab.yml",
            """
            name: x
            topology:
              nodes:
                a:
                  kind: linux
                  binds:
                    - ../secret:/one
                    - %s:/two
                    - link:/three
                    - x.clab.yml:/etc/../four
                    - x.clab.yml:/five
            """
                .formatted(folder.resolve("secret")));
    assertThat(Labs.machine(lab, "a").startup()).doesNotContain("the key").contains("cat > /five");
    assertThat(lab.count(Finding.Outcome.LEFT_OUT)).isEqualTo(4);
  }

  @Test
  void anExportReadsBackAsTheSameLab(@TempDir Path folder) throws Exception {
    Topology before = withoutGateways(Labs.read("containerlab/web.clab.yml").topology());
    ContainerlabExport.Exported exported = ContainerlabExport.write(before);
    Topology after = Labs.read(folder, "web.clab.yml", exported.yaml()).topology();
    assertThat(withoutSpareMacs(after)).isEqualTo(withoutSpareMacs(before));
    assertThat(after.links())
        .usingRecursiveComparison()
        .ignoringFields("id", "ab.distribution", "ba.distribution")
        .isEqualTo(before.links());
  }

  @Test
  void anExportOfSwitchesReadsBackAsTheSameLab(@TempDir Path folder) throws Exception {
    Topology before = Labs.read("kathara/three-routers").topology();
    ContainerlabExport.Exported exported = ContainerlabExport.write(before);
    Topology after = Labs.read(folder, "k.clab.yml", exported.yaml()).topology();
    assertThat(after.links()).usingRecursiveComparison().ignoringFields("id").isEqualTo(before.links());
    for (Node node : before.nodes()) {
      Node same = after.nodeNamed(node.name()).orElseThrow();
      assertThat(same.kind()).isEqualTo(node.kind());
      if (node instanceof VirtualMachine vm) {
        VirtualMachine other = (VirtualMachine) same;
        assertThat(other.routes()).isEqualTo(vm.routes());
        assertThat(other.startup()).isEqualTo(vm.startup());
        assertThat(other.forward()).isEqualTo(vm.forward());
      } else {
        assertThat(same.nics()).extracting(Nic::mac).isEqualTo(node.nics().stream().map(Nic::mac).toList());
      }
    }
    assertThat(exported.findings())
        .anySatisfy(finding -> assertThat(finding.reason()).contains("ip link add lan-B type bridge"));
  }

  @Test
  void theDistanceBetweenRegionsGoesIntoTheLinksThatCrossIt(@TempDir Path folder) throws Exception {
    Topology sample =
        TopologyJson.read(Path.of("../app/src/main/samples/decoupled-file-server.json"));
    ContainerlabExport.Exported exported = ContainerlabExport.write(sample);
    Topology after = Labs.read(folder, "sample.clab.yml", exported.yaml()).topology();
    Link crossing = Labs.link(after, "client", "eth0");
    assertThat(crossing.ab().delay()).isEqualTo(Duration.ofMillis(85));
    assertThat(crossing.ba().rate()).isEqualTo(Rate.parse("8Mbit"));
    assertThat(Labs.link(after, "content", "eth0").ab().delay()).isEqualTo(Duration.ZERO);
    assertThat(exported.findings())
        .filteredOn(finding -> finding.outcome() == Finding.Outcome.LEFT_OUT)
        .extracting(Finding::element)
        .contains(sample.regions().stream().map(Region::name).toArray(String[]::new));
  }

  /** The nodes; interfaces without a link are not in the export, so their addresses are made anew. */
  private static List<Node> withoutSpareMacs(Topology topology) {
    List<Node> nodes = new ArrayList<>();
    for (Node node : topology.nodes()) {
      List<Nic> nics = new ArrayList<>();
      for (Nic nic : node.nics()) {
        boolean linked = topology.linkAt(new End(node.id(), nic.name())).isPresent();
        String mac = linked ? nic.mac() : "02:00:00:00:00:00";
        nics.add(new Nic(nic.name(), mac, nic.addresses(), nic.vlan()));
      }
      nodes.add(node.withNics(nics));
    }
    return nodes;
  }

  private static Topology withoutGateways(Topology topology) {
    List<String> gateways =
        topology.nodes().stream().filter(Gateway.class::isInstance).map(Node::id).toList();
    List<Node> nodes =
        topology.nodes().stream()
            .filter(node -> !gateways.contains(node.id()))
            .map(node -> node.name().equals("server") ? node.withNics(node.nics().subList(0, 2)) : node)
            .toList();
    List<Link> links =
        topology.links().stream()
            .filter(link -> gateways.stream().noneMatch(link::touches))
            .toList();
    return topology.withNodes(nodes).withLinks(links);
  }

  @Test
  void theFormatCanBeGiven(@TempDir Path folder) throws Exception {
    Path file =
        Files.copy(Labs.FOLDER.resolve("containerlab/bridge.clab.yml"), folder.resolve("lab.txt"));
    assertThat(LabImport.read(file, Optional.of(Format.CONTAINERLAB)).topology().nodes()).hasSize(4);
  }
}
