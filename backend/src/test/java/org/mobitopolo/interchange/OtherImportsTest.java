// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.Gateway;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Note;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Rate;
import org.mobitopolo.topology.Route;
import org.mobitopolo.topology.Size;
import org.mobitopolo.topology.Switch;
import org.mobitopolo.topology.VirtualMachine;

/** GNS3, CORE and Kathará. */
class OtherImportsTest {

  private static final Route DEFAULT_10 = Route.parse("default", Cidr.parseAddress("10.10.0.1"));

  private static void assertOffice(Imported lab) {
    assertThat(lab.topology().name()).isEqualTo("office");
    assertThat(lab.topology().nodes())
        .extracting(Node::name)
        .containsExactly("PC1", "Switch-1", "web", "R1", "Internet");
    assertThat(Labs.nic(lab, "PC1", "eth0").addresses())
        .containsExactly(Cidr.parse("10.10.0.5/24"), Cidr.parse("2001:db8::5/64"));
    assertThat(Labs.machine(lab, "PC1").routes()).containsExactly(DEFAULT_10);
    assertThat(Labs.nic(lab, "web", "eth0").addresses())
        .containsExactly(Cidr.parse("10.10.0.6/24"));
    assertThat(Labs.machine(lab, "web").env()).containsOnlyKeys("SITE");
    assertThat(Labs.machine(lab, "web").startup())
        .isEqualTo("echo nameserver 10.10.0.1 > /etc/resolv.conf\n");
    assertThat(lab.topology().nodeNamed("Internet").orElseThrow()).isInstanceOf(Gateway.class);
    Link link = Labs.link(lab.topology(), "PC1", "eth0");
    assertThat(link.ab().delay()).isEqualTo(Duration.ofMillis(30));
    assertThat(link.ab().jitter()).isEqualTo(Duration.ofMillis(5));
    assertThat(link.ba().loss()).isEqualTo(0.02);
    assertThat(link.opposite("PC1")).contains(new End("Switch-1", "port0"));
    assertThat(Labs.nic(lab, "Switch-1", "port0").vlan()).isEqualTo(OptionalInt.of(10));
    assertThat(Labs.nic(lab, "Switch-1", "port2").vlan()).isEmpty();
    // the rectangle is an area below the text
    assertThat(lab.topology().notes())
        .extracting(Note::text)
        .containsExactly("", "Sales & support");
    // the middle of its picture, whose corner GNS3 keeps
    assertThat(Labs.machine(lab, "PC1").position()).isEqualTo(new Point(-267.5, -70.5));
    assertThat(Labs.findings(lab, "R1:0/1 - Switch 1:port7"))
        .anySatisfy(finding -> assertThat(finding).startsWith("LEFT_OUT filter bpf"));
  }

  @Test
  void aGns3ProjectComesWithItsFiles() throws Exception {
    assertOffice(Labs.read("gns3/office.gns3"));
  }

  @Test
  void aPortableProjectIsTheSame(@TempDir Path folder) throws Exception {
    Path archive = folder.resolve("office.gns3project");
    Path project = Labs.FOLDER.resolve("gns3");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive));
        Stream<Path> files = Files.walk(project)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = project.relativize(file).toString();
        zip.putNextEntry(new ZipEntry(name.endsWith(".gns3") ? "project.gns3" : name));
        Files.copy(file, zip);
      }
    }
    assertOffice(LabImport.read(archive, Optional.empty()));
  }

  @Test
  void aCoreScenarioKeepsPlacesAddressesAndBothDirectionsOfLinks() throws Exception {
    Imported lab = Labs.read("core/campus.xml");
    assertThat(lab.topology().name()).isEqualTo("campus");
    VirtualMachine router = Labs.machine(lab, "n1");
    assertThat(router.forward()).isTrue();
    assertThat(router.position()).isEqualTo(new Point(250, 150));
    assertThat(Labs.nic(lab, "n1", "eth0").mac()).isEqualTo("00:00:00:aa:00:00");
    assertThat(Labs.nic(lab, "n1", "eth1").addresses())
        .containsExactly(Cidr.parse("10.0.1.1/24"), Cidr.parse("2001:0:0:1::1/64"));
    Link link = Labs.link(lab.topology(), "n1", "eth0");
    assertThat(link.ab().delay()).isEqualTo(Duration.ofMillis(25));
    assertThat(link.ab().rate()).isEqualTo(Rate.parse("1Mbit"));
    assertThat(link.ab().loss()).isEqualTo(0.015);
    assertThat(link.ab().duplicate()).isEqualTo(0.02);
    assertThat(link.ba().delay()).isEqualTo(Duration.ofMillis(5));
    assertThat(link.ba().rate()).isEqualTo(Rate.parse("8Mbit"));
    assertThat(lab.topology().links()).hasSize(4);
    assertThat(lab.topology().nodeNamed("n3").orElseThrow()).isInstanceOf(Switch.class);
    assertThat(lab.topology().nodeNamed("n3").orElseThrow().nics()).hasSize(3);
    assertThat(Labs.machine(lab, "n4").routes())
        .containsExactly(Route.parse("default", Cidr.parseAddress("10.0.1.1")));
    assertThat(Labs.findings(lab, "air"))
        .singleElement()
        .asString()
        .contains("radio is not emulated");
    assertThat(Labs.findings(lab, "n1"))
        .anySatisfy(finding -> assertThat(finding).contains("configuration of service OSPFv2"));
  }

  @Test
  void nodesOfARadioNetworkReachEachOtherWithoutRoutingDaemons() throws Exception {
    Imported lab = Labs.read("core/radio.xml");
    assertThat(Labs.nic(lab, "n2", "eth0").addresses()).containsExactly(Cidr.parse("10.0.0.1/24"), Cidr.parse("2001::1/64"));
    assertThat(Labs.nic(lab, "n3", "eth0").addresses()).containsExactly(Cidr.parse("10.0.0.2/24"), Cidr.parse("2001::2/64"));
    assertThat(Labs.findings(lab, "n3:eth0"))
        .contains("CHANGED address 10.0.0.2/32: 10.0.0.2/24 (the nodes of air reach each other without a routing daemon so)");
    // not in the network of the others
    assertThat(Labs.nic(lab, "far1", "eth0").addresses()).containsExactly(Cidr.parse("10.1.0.1/32"));
    assertThat(Labs.nic(lab, "far2", "eth0").addresses()).containsExactly(Cidr.parse("10.2.0.1/32"));
  }

  @Test
  void aScenarioOfAnOlderCoreIsReadToo() throws Exception {
    Imported lab = Labs.read("core/old.xml");
    assertThat(lab.topology().name()).isEqualTo("old");
    Link link = Labs.link(lab.topology(), "a", "eth0");
    assertThat(link.ba().delay()).isEqualTo(Duration.ofMillis(1));
    assertThat(link.ba().loss()).isEqualTo(0.1);
    assertThat(Labs.nic(lab, "b", "eth0").addresses()).containsExactly(Cidr.parse("10.0.0.21/24"));
  }

  @Test
  void collisionDomainsBecomeLinksAndSwitches() throws Exception {
    Imported lab = Labs.read("kathara/three-routers");
    assertThat(lab.topology().name()).isEqualTo("Three routers");
    assertThat(lab.topology().nodes())
        .extracting(Node::name)
        .containsExactly("r1", "r2", "r3", "pc1", "pc2", "lan-B");
    assertThat(Labs.link(lab.topology(), "pc1", "eth0").opposite("pc1"))
        .contains(new End("r1", "eth0"));
    assertThat(lab.topology().linksOf("lan-B")).hasSize(3);
    assertThat(Labs.machine(lab, "r3").nics()).hasSize(2);
    assertThat(lab.topology().linkAt(new End("r3", "eth1"))).isEmpty();
    assertThat(Labs.nic(lab, "r2", "eth1").mac()).isEqualTo("02:00:00:00:02:01");
  }

  @Test
  void startupScriptsAreReadUntilTheyStopBeingPlain() throws Exception {
    Imported lab = Labs.read("kathara/three-routers");
    assertThat(Labs.nic(lab, "r1", "eth1").addresses())
        .containsExactly(Cidr.parse("10.2.0.1/24"));
    assertThat(Labs.machine(lab, "r1").routes())
        .containsExactly(Route.parse("10.3.0.0/24", Cidr.parseAddress("10.2.0.2")));
    assertThat(Labs.machine(lab, "r1").startup())
        .isEqualTo("echo booted >> /var/log/lab\nsystemctl start frr\n");
    assertThat(Labs.machine(lab, "pc1").memory()).isEqualTo(Size.ofMiB(96));
    assertThat(Labs.machine(lab, "pc1").env()).containsEntry("GREETING", "hello world");
    assertThat(Labs.machine(lab, "pc1").startup())
        .startsWith("mkdir -p /etc\ncat > /etc/greeting <<'END_OF_FILE'\nIt's me\nEND_OF_FILE\n")
        .endsWith("cat /etc/greeting\n");
    // a line that stands by itself does not hide those behind it
    assertThat(Labs.nic(lab, "pc2", "eth0").addresses()).containsExactly(Cidr.parse("10.3.0.2/24"));
    assertThat(Labs.machine(lab, "pc2").startup())
        .endsWith("echo \"nameserver 10.3.0.1\" > /etc/resolv.conf\n");
    // behind a loop, commands stay as they are
    assertThat(Labs.nic(lab, "r2", "eth1").addresses())
        .containsExactly(Cidr.parse("10.3.0.1/24"));
    assertThat(Labs.machine(lab, "r2").startup())
        .contains("for net in 10.1.0.0/24; do", "ip addr add 10.9.9.9/24 dev eth1");
    assertThat(Labs.findings(lab, "pc1"))
        .anySatisfy(finding -> assertThat(finding).startsWith("LEFT_OUT bridged=true"));
  }
}
