// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.zip.CRC32;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipMethod;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.Note;
import org.mobitopolo.topology.Route;
import org.mobitopolo.topology.Size;
import org.mobitopolo.topology.Switch;
import org.mobitopolo.topology.Symbol;

/** What projects of GNS3 as people publish them have beyond the office of {@link OtherImportsTest}. */
class Gns3ImportTest {

  @TempDir Path folder;

  private static String project(String nodes, String links, String others) {
    return """
        {"name": "lab", "revision": 9, "type": "topology", "version": "2.2.54", %s
         "topology": {"computes": [], "nodes": [%s], "links": [%s]}}
        """
        .formatted(others, nodes, links);
  }

  private static String node(String id, String type, String others) {
    return """
        {"node_id": "%s", "name": "%s", "node_type": "%s", "x": 0, "y": 0, %s "z": 1},
        """
        .formatted(id, id, type, others);
  }

  private static String link(String a, int adapterA, int portA, String b, int adapterB, int portB) {
    return """
        {"filters": {}, "link_id": "l", "nodes": [
          {"adapter_number": %d, "node_id": "%s", "port_number": %d},
          {"adapter_number": %d, "node_id": "%s", "port_number": %d}]},
        """
        .formatted(adapterA, a, portA, adapterB, b, portB);
  }

  private Imported read(String nodes, String links, String others) throws Exception {
    return Labs.read(
        folder, "lab.gns3", project(nodes, links, others).replaceAll(",(\\s*])", "$1"));
  }

  private void write(String file, String text) throws IOException {
    Files.createDirectories(folder.resolve(file).getParent());
    Files.writeString(folder.resolve(file), text);
  }

  @Test
  void aProjectOfGns3Version1IsRefusedWithWhatToDo() {
    String old =
        """
        {"name": "lab", "revision": 4, "topology": {"links": [], "nodes": [
          {"id": 1, "type": "VPCSDevice", "properties": {"name": "PC1"}, "x": 0, "y": 0},
          {"id": 2, "type": "VPCSDevice", "properties": {"name": "PC2"}, "x": 9, "y": 0}]}}
        """;
    assertThatThrownBy(() -> Labs.read(folder, "old.gns3", old))
        .isInstanceOf(ImportException.class)
        .hasMessageContainingAll("old.gns3", "GNS3 1", "Open it with GNS3 of today");
  }

  @Test
  void nodesWithTheSameIdAreRefusedByTheirNames() {
    String twice =
        node("a", "vpcs", "") + node("b", "vpcs", "").replace("\"node_id\": \"b\"", "\"node_id\": \"a\"");
    assertThatThrownBy(() -> read(twice, "", ""))
        .isInstanceOf(ImportException.class)
        .hasMessageContainingAll("lab.gns3", "\"a\" and \"b\"", "node_id");
  }

  private static void add(ZipArchiveOutputStream zip, String name, String text, ZipMethod method)
      throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    byte[] packed = Zstd.compress(bytes);
    CRC32 sum = new CRC32();
    sum.update(bytes);
    ZipArchiveEntry entry = new ZipArchiveEntry(name);
    entry.setMethod(method.getCode());
    entry.setSize(bytes.length);
    entry.setCompressedSize(packed.length);
    entry.setCrc(sum.getValue());
    zip.addRawArchiveEntry(entry, new ByteArrayInputStream(packed));
  }

  private Path portable(ZipMethod method) throws IOException {
    Path archive = folder.resolve(method + ".gns3project");
    try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(archive)) {
      String nodes = node("pc", "vpcs", "").strip().replaceAll(",$", "");
      add(zip, "project.gns3", project(nodes, "", ""), method);
      add(zip, "project-files/vpcs/pc/startup.vpc", "ip 10.0.0.2/24\n", method);
    }
    return archive;
  }

  @Test
  void aPortableProjectMayBePackedAsGns3Version3Does() throws Exception {
    Imported lab = LabImport.read(portable(ZipMethod.ZSTD), Optional.empty());
    assertThat(Labs.nic(lab, "pc", "eth0").addresses()).containsExactly(Cidr.parse("10.0.0.2/24"));
    assertThatThrownBy(() -> LabImport.read(portable(ZipMethod.LZMA), Optional.empty()))
        .isInstanceOf(ImportException.class)
        .hasMessageContainingAll("LZMA.gns3project", "compression zstd, zip or none");
  }

  @Test
  void addressesOfVpcsAreReadInAllTheirForms() throws Exception {
    Map<String, String> forms =
        Map.of(
            "ip 10.0.0.2/26 10.0.0.1", "10.0.0.2/26",
            "ip 10.0.0.2 10.0.0.1 29", "10.0.0.2/29",
            "ip 10.0.0.2 28 10.0.0.1", "10.0.0.2/28",
            "ip 10.0.0.2 255.255.255.192 10.0.0.1", "10.0.0.2/26",
            "ip 10.0.0.2 10.0.0.1 255.255.0.0", "10.0.0.2/16",
            "ip 10.0.0.2 10.0.0.1", "10.0.0.2/24");
    for (Map.Entry<String, String> form : forms.entrySet()) {
      write("project-files/vpcs/pc/startup.vpc", form.getKey() + "\n");
      Imported lab = read(node("pc", "vpcs", ""), "", "");
      assertThat(Labs.nic(lab, "pc", "eth0").addresses())
          .as(form.getKey())
          .containsExactly(Cidr.parse(form.getValue()));
      assertThat(Labs.machine(lab, "pc").routes())
          .containsExactly(Route.parse("default", Cidr.parseAddress("10.0.0.1")));
    }
    // what VPCS saves when there is no gateway; a name server; what has no meaning here
    write("project-files/vpcs/pc/startup.vpc", "ip 10.0.0.2 30\nip dns 10.0.0.9\nip 10.0.0\nping x\n");
    Imported lab = read(node("pc", "vpcs", ""), "", "");
    assertThat(Labs.nic(lab, "pc", "eth0").addresses()).containsExactly(Cidr.parse("10.0.0.2/30"));
    assertThat(Labs.machine(lab, "pc").routes()).isEmpty();
    assertThat(Labs.machine(lab, "pc").startup())
        .isEqualTo("printf 'nameserver 10.0.0.9\\n' > /etc/resolv.conf\n");
    assertThat(Labs.findings(lab, "pc"))
        .anySatisfy(finding -> assertThat(finding).startsWith("LEFT_OUT VPCS command ip 10.0.0:"))
        .anySatisfy(finding -> assertThat(finding).startsWith("LEFT_OUT VPCS command ping x:"));
  }

  @Test
  void aContainerKeepsItsFilesAndForwardsBetweenItsInterfaces() throws Exception {
    write("project-files/docker/gw/root/start.sh", "echo hi\n");
    write("project-files/docker/gw/root/.gns3_perms", "755:0:0:/root/start.sh\n");
    write("project-files/docker/gw/etc/network/interfaces", "# \u00fcber\n");
    Files.write(folder.resolve("project-files/docker/gw/root/picture"), new byte[] {1, 0, (byte) 0xff});
    Imported lab =
        read(
            node(
                    "gw",
                    "docker",
                    """
                    "symbol": ":/symbols/docker_guest.svg", "properties": {
                      "image": "x:1", "memory": 128, "mac_address": "02:42:00:00:01:00",
                      "environment": "A=${SITE}/1\\nno", "extra_hosts": "files:10.0.0.9\\nbad",
                      "start_command": null},
                    """)
                + node("pc", "vpcs", "")
                + node("web", "docker", "\"symbol\": \"server.svg\", \"properties\": {},"),
            link("gw", 0, 0, "pc", 0, 0) + link("gw", 1, 0, "web", 0, 0),
            """
            "variables": [{"name": "SITE", "value": "north"}, {"name": "a b", "value": ""}],
            """);
    assertThat(Labs.machine(lab, "gw").forward()).isTrue();
    assertThat(Labs.machine(lab, "gw").memory()).isEqualTo(Size.ofMiB(128));
    assertThat(Labs.machine(lab, "gw").env())
        .containsOnly(Map.entry("SITE", "north"), Map.entry("A", "north/1"));
    assertThat(Labs.machine(lab, "gw").startup())
        .contains("echo '10.0.0.9 files' >> /etc/hosts\n", "cat > /root/start.sh")
        .doesNotContain("gns3_perms");
    assertThat(Labs.nic(lab, "gw", "eth0").mac()).isEqualTo("02:42:00:00:01:00");
    assertThat(Labs.nic(lab, "gw", "eth1").mac()).isEqualTo("02:42:00:00:01:01");
    assertThat(Labs.machine(lab, "web").forward()).isFalse();
    assertThat(Labs.machine(lab, "web").symbol()).isEqualTo(Symbol.SERVER);
    assertThat(Labs.findings(lab, "gw"))
        .anySatisfy(finding -> assertThat(finding).startsWith("LEFT_OUT environment no:"))
        .anySatisfy(finding -> assertThat(finding).startsWith("LEFT_OUT extra host bad:"))
        .anySatisfy(finding -> assertThat(finding).startsWith("LEFT_OUT file /root/picture:"));
    assertThat(Labs.findings(lab, "lab.gns3"))
        .anySatisfy(finding -> assertThat(finding).startsWith("LEFT_OUT variable a b:"));
  }

  @Test
  void aFileThatCanNotBeReadIsLeftOutAlone() throws Exception {
    write("project-files/vpcs/pc/startup.vpc", "");
    Files.write(folder.resolve("project-files/vpcs/pc/startup.vpc"), new byte[] {(byte) 0xe9, '\n'});
    assertThat(Labs.findings(read(node("pc", "vpcs", ""), "", ""), "pc"))
        .anySatisfy(finding -> assertThat(finding).startsWith("LEFT_OUT file startup.vpc:"));
  }

  @Test
  void routersAreToldByTheirImageOrSymbolAndKeepTheirMacAddresses() throws Exception {
    Imported lab =
        read(
            node(
                    "ios",
                    "qemu",
                    """
                    "symbol": ":/symbols/classic/router.svg",
                    "custom_adapters": [{"adapter_number": 1, "mac_address": "0c:00:00:00:00:99"}],
                    "properties": {"hda_disk_image": "x.qcow2", "mac_address": "0c:55:33:12:00:fe"},
                    """)
                + node("csr", "qemu", "\"properties\": {\"hda_disk_image\": \"csr1000v-17.qcow2\"},")
                + node("kali", "qemu", "\"properties\": {\"hda_disk_image\": \"kali.qcow2\"},")
                + node("pc", "vpcs", "\"symbol\": \"router.svg\","),
            link("ios", 0, 0, "csr", 0, 0) + link("ios", 1, 0, "kali", 0, 0) + link("ios", 2, 0, "pc", 0, 0),
            "");
    assertThat(Labs.machine(lab, "ios").symbol()).isEqualTo(Symbol.ROUTER);
    assertThat(Labs.machine(lab, "ios").forward()).isTrue();
    assertThat(Labs.nic(lab, "ios", "eth0").mac()).isEqualTo("0c:55:33:12:00:fe");
    assertThat(Labs.nic(lab, "ios", "eth1").mac()).isEqualTo("0c:00:00:00:00:99");
    assertThat(Labs.nic(lab, "ios", "eth2").mac()).isEqualTo("0c:55:33:12:01:00");
    assertThat(Labs.machine(lab, "csr").forward()).isTrue();
    assertThat(Labs.machine(lab, "kali").forward()).isFalse();
    assertThat(Labs.machine(lab, "kali").symbol()).isEqualTo(Symbol.VM);
    assertThat(Labs.machine(lab, "pc").symbol()).isEqualTo(Symbol.CLIENT);
    assertThat(Labs.findings(lab, "csr"))
        .anySatisfy(finding -> assertThat(finding).startsWith("CHANGED kind qemu, image csr1000v-17.qcow2"));
  }

  @Test
  void portsOfSwitchesAreToldAndOldSwitchesAreSwitchesToo() throws Exception {
    Imported lab =
        read(
            node(
                    "sw",
                    "ethernet_switch",
                    """
                    "properties": {"ports_mapping": [
                      {"port_number": 0, "type": "access", "vlan": 10},
                      {"port_number": 1, "type": "dot1q", "vlan": 1},
                      {"port_number": 2, "type": "dot1q", "vlan": 60},
                      {"port_number": 3, "type": "qinq", "vlan": 7},
                      {"port_number": 4, "type": "access", "vlan": 20},
                      {"port_number": 5, "type": "access", "vlan": 1}]},
                    """)
                + node("fr", "frame_relay_switch", "\"properties\": {\"mappings\": {\"1:101\": \"10:202\"}},")
                + node("atm", "atm_switch", "")
                + node("a", "vpcs", "")
                + node("b", "vpcs", ""),
            link("sw", 0, 0, "a", 0, 0)
                + link("sw", 0, 1, "b", 0, 0)
                + link("sw", 0, 2, "fr", 0, 1)
                + link("sw", 0, 3, "atm", 0, 1),
            "");
    assertThat(Labs.nic(lab, "sw", "port0").vlan()).isEqualTo(OptionalInt.of(10));
    for (String trunk : new String[] {"port1", "port2", "port3"}) {
      assertThat(Labs.nic(lab, "sw", trunk).vlan()).isEmpty();
    }
    Map.of(
            "port1", "MAPPED dot1q VLAN 1:",
            "port2", "CHANGED dot1q VLAN 60:",
            "port3", "CHANGED qinq VLAN 7:",
            "port4", "LEFT_OUT access VLAN 20:")
        .forEach(
            (port, told) ->
                assertThat(Labs.findings(lab, "sw:" + port)).singleElement().asString().startsWith(told));
    assertThat(Labs.findings(lab, "sw:port5")).isEmpty();
    for (String old : new String[] {"fr", "atm"}) {
      assertThat(lab.topology().nodeNamed(old).orElseThrow()).isInstanceOf(Switch.class);
      assertThat(Labs.findings(lab, old))
          .anySatisfy(finding -> assertThat(finding).contains("virtual circuits are not emulated"));
    }
  }

  private static String drawing(int rotation, int x, int y, int z, String svg) {
    return "{\"rotation\": %d, \"x\": %d, \"y\": %d, \"z\": %d, \"svg\": \"%s\"},"
        .formatted(rotation, x, y, z, svg.replace("\"", "\\\""));
  }

  @Test
  void shapesAreAreasBelowTextsThatHaveRoomInTheirNotes() throws Exception {
    String text = "<svg width=\"108\" height=\"24\"><text font-size=\"10.0\">10.0.0.0/29 &lt;A&gt;</text></svg>";
    String rectangle =
        "<svg width=\"390\" height=\"373\">"
            + "<rect width=\"390\" height=\"373\" fill=\"#ffe1e2\" stroke-width=\"2\" /></svg>";
    String ellipse =
        "<svg height=\"200.0\" width=\"425.4\"><ellipse fill=\"#dfffd5\" rx=\"213\"></ellipse></svg>";
    String line = "<svg width=\"9\" height=\"9\"><line x1=\"0\" x2=\"9\" y1=\"0\" y2=\"9\" /></svg>";
    String drawings =
        drawing(-20, 100, 50, 2, text)
            + drawing(0, 0, 0, 0, rectangle)
            + drawing(0, 5, 5, 1, ellipse)
            + drawing(45, 5, 5, 1, rectangle)
            + drawing(0, 0, 0, 1, line)
            + "{\"x\": \"NaN\", \"y\": 1e999, \"svg\": \"0123.png\"}";
    String json = "{\"topology\": {\"drawings\": [" + drawings + "], \"nodes\": [" + node("pc", "vpcs", "");
    Imported lab = Labs.read(folder, "lab.gns3", json.strip().replaceAll(",$", "]}}"));
    List<Note> notes = lab.topology().notes();
    assertThat(notes)
        .extracting(Note::kind)
        .containsExactly(Note.Kind.AREA, Note.Kind.AREA, Note.Kind.NOTE);
    assertThat(notes).extracting(Note::color).containsExactly("red", "green", "gray");
    assertThat(notes.getFirst().bounds()).isEqualTo(new Bounds(0, 0, 390, 373));
    assertThat(notes.getLast().text()).isEqualTo("10.0.0.0/29 <A>");
    // a note's letters begin 12 px from its edge, those of GNS3 4 px
    Bounds sheet = notes.getLast().bounds();
    assertThat(sheet.x()).isEqualTo(92);
    assertThat(sheet.y()).isEqualTo(42);
    assertThat(sheet.width()).isGreaterThan(15 * 7 + 24);
    assertThat(sheet.height()).isGreaterThanOrEqualTo(17 + 24);
    for (String told :
        new String[] {
          "CHANGED text \"10.0.0.0/29 <A>\": note (notes are not turned",
          "CHANGED rectangle of 390 x 373 at 0, 0: area",
          "CHANGED ellipse of 425 x 200 at 5, 5: area",
          "LEFT_OUT rectangle of 390 x 373 at 5, 5:",
          "LEFT_OUT line of",
          "LEFT_OUT picture of"
        }) {
      assertThat(Labs.findings(lab, "lab.gns3"))
          .anySatisfy(finding -> assertThat(finding).startsWith(told));
    }
  }
}
