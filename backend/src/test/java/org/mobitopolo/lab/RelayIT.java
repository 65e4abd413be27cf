// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mobitopolo.fixture.GuestPrograms;
import org.mobitopolo.fixture.NativeFiles;
import org.mobitopolo.fixture.Networks;
import org.mobitopolo.fixture.SshHosts;
import org.mobitopolo.fixture.TestLabs;
import org.mobitopolo.host.Credentials;
import org.mobitopolo.host.HostKeyPolicy;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.link.LinkRelay;
import org.mobitopolo.migration.MigrationProgress;
import org.mobitopolo.task.Tasks;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;

/**
 * Hosts that do not reach each other, in network namespaces: links come up and VMs move all the same, and it is told by way of whom. The machine {@code left} is on
 * the first host, {@code right} on the second.
 */
@Timeout(300)
@Tag("long")
class RelayIT {
  private final Networks networks = new Networks();
  private final List<SshHosts.Place> places = new ArrayList<>();
  private SshHosts ssh;
  private Hosts hosts;
  private Lab lab;

  @BeforeEach
  void needsRoot() {
    assumeTrue(System.getProperty("user.name").equals("root"), "network namespaces need root");
  }

  @AfterEach
  void close() throws Exception {
    try {
      if (lab != null) {
        lab.destroy().awaitSuccess();
        lab.close();
        hosts.close();
      }
    } finally {
      if (ssh != null) {
        ssh.close();
      }
      networks.close();
    }
  }

  private void host(String name) throws IOException, InterruptedException {
    places.add(networks.host(name));
  }

  private void start() throws Exception {
    ssh = SshHosts.start(places);
    hosts = new Hosts(NativeFiles.parts(), ssh.settings(), HostKeyPolicy.ACCEPT_NEW, Credentials.NONE);
    lab = Lab.open(topology(), hosts, new Tasks());
    lab.start(List.of("left", "right")).awaitSuccess();
  }

  private Topology topology() {
    Topology pair = TestLabs.pair(ssh.url(0), ssh.url(1));
    List<Node> nodes = pair.nodes().stream().map(node -> node.id().equals("right") ? node.withRegion(Optional.of("florida")) : node).toList();
    List<Region> regions = new ArrayList<>(pair.regions());
    for (int index = 2; index < places.size(); index++) {
      regions.add(new Region("third" + index, "Third " + index, ssh.url(index), new Bounds(1000.0 * index, 0, 100, 100), "teal"));
    }
    return pair.withRegions(regions).withNodes(nodes);
  }

  private void awaitLink(Predicate<LinkState> wanted) throws InterruptedException {
    lab.await(state -> wanted.test(state.links().get("cable")));
  }

  private void awaitRelayed(String by) throws InterruptedException {
    awaitLink(link -> link.up() && link.relayedBy().equals(Optional.of(by)));
  }

  private void awaitDirect() throws InterruptedException {
    awaitLink(link -> link.up() && link.relayedBy().isEmpty());
  }

  private Optional<String> migrate(String region) throws InterruptedException {
    lab.migrate("right", region).awaitSuccess();
    MigrationProgress progress = lab.state().vm("right").migration().orElseThrow();
    assertThat(lab.state().vm("right").region()).contains(region);
    System.out.println("to " + region + ": downtime " + progress.downtimeMs() + " ms, all " + progress.totalMs() + " ms, relayed by " + progress.relayedBy());
    return progress.relayedBy();
  }

  /** A TCP connection between both lives while one moves to the other's host and back; the link is up through it all. */
  private void moveThereAndBack(String there, String back, String afterwards) throws Exception {
    GuestProgram stream = GuestPrograms.compile("stream");
    stream.install(lab, "left");
    stream.install(lab, "right");
    try (GuestProgram.Running server = stream.start(lab, "right", "serve", "4000")) {
      assertThat(server.line()).isEqualTo("listening");
      try (GuestProgram.Running connection = stream.start(lab, "left", "run", "10.0.0.2", "4000", "20000")) {
        assertThat(connection.line()).isEqualTo("connected");
        assertThat(migrate("tokyo")).contains(there);
        awaitDirect();
        assertThat(migrate("florida")).contains(back);
        awaitRelayed(afterwards);
        connection.endInput();
        assertThat(connection.line()).startsWith("ok ");
      }
    }
  }

  private void star() throws Exception {
    host("a");
    host("b");
    host("t");
    networks.cable("a", "198.51.100.1/30", "t", "198.51.100.2/30");
    networks.cable("b", "198.51.100.5/30", "t", "198.51.100.6/30");
    start();
  }

  @Test
  void aThirdHostRelaysLinksAndMigrations() throws Exception {
    star();
    String third = ssh.url(2).toString();
    awaitRelayed(third);
    moveThereAndBack(third, third, third);
  }

  @Test
  void theLinkOutlivesTheDesktopAndIsFoundRelayed() throws Exception {
    star();
    awaitRelayed(ssh.url(2).toString());
    Topology topology = lab.topology();
    lab.close();
    hosts.close();
    hosts = new Hosts(NativeFiles.parts(), ssh.settings(), HostKeyPolicy.ACCEPT_NEW, Credentials.NONE);
    lab = Lab.open(topology, hosts, new Tasks());
    awaitRelayed(ssh.url(2).toString());
    assertThat(pingWorks()).isTrue();
  }

  private boolean pingWorks() throws Exception {
    try (ExecStream ping = lab.exec("left", ExecRequest.shell("ping -c 5 -W 5 10.0.0.2"))) {
      ping.stdout().readAllBytes();
      return ping.exit().get().equals(new ExecStream.Exit.Status(0));
    }
  }

  @Test
  void thisComputerRelaysWhereNobodyElseCan() throws Exception {
    host("a");
    host("b");
    start();
    awaitRelayed(LinkRelay.DESKTOP);
    assertThat(pingWorks()).isTrue();
    moveThereAndBack(LinkRelay.DESKTOP, LinkRelay.DESKTOP, LinkRelay.DESKTOP);
  }

  /** A third host that neither reaches is tried, and left for this computer. */
  @Test
  void aThirdHostOfNoUseIsLeft() throws Exception {
    host("a");
    host("b");
    host("t");
    start();
    awaitRelayed(LinkRelay.DESKTOP);
    assertThat(migrate("tokyo")).contains(LinkRelay.DESKTOP);
    awaitDirect();
  }

  @Test
  void theRelayGoesWhenADirectWayIsThere() throws Exception {
    star();
    awaitRelayed(ssh.url(2).toString());
    networks.in("a", "ip", "route", "add", "198.51.100.4/30", "via", "198.51.100.2");
    networks.in("b", "ip", "route", "add", "198.51.100.0/30", "via", "198.51.100.6");
    networks.in("t", "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward");
    awaitDirect();
    assertThat(pingWorks()).isTrue();
    lab.settle().awaitSuccess();
    assertThat(migrate("tokyo")).isEmpty();
  }

  @Test
  void oneEndBehindATranslatorNeedsNoRelayForLinksAndMovesThroughTheOtherHost() throws Exception {
    networks.segment("net");
    host("a");
    host("b");
    networks.translate("a", "net", "198.51.100.1/24", "masquerade");
    networks.join("b", "198.51.100.2/24", "net");
    start();
    awaitDirect();
    // the other host cannot call the one behind the translator, but that one can call it
    assertThat(migrate("tokyo")).contains(ssh.url(1).toString());
    awaitDirect();
    migrate("florida");
    awaitLink(LinkState::up);
    assertThat(pingWorks()).isTrue();
  }

  @Test
  void bothBehindTranslatorsThatKeepPortsFindEachOtherThroughAThird() throws Exception {
    translated("masquerade");
    awaitDirect();
    assertThat(pingWorks()).isTrue();
    assertThat(migrate("tokyo")).contains(ssh.url(2).toString());
    awaitDirect();
    assertThat(migrate("florida")).contains(ssh.url(2).toString());
    awaitLink(LinkState::up);
    assertThat(pingWorks()).isTrue();
  }

  @Test
  void bothBehindTranslatorsThatDoNotAreRelayed() throws Exception {
    translated("masquerade fully-random");
    String third = ssh.url(2).toString();
    awaitRelayed(third);
    moveThereAndBack(third, third, third);
  }

  private void translated(String way) throws Exception {
    networks.segment("net");
    host("a");
    host("b");
    host("t");
    networks.translate("a", "net", "198.51.100.1/24", way);
    networks.translate("b", "net", "198.51.100.2/24", way);
    networks.join("t", "198.51.100.9/24", "net");
    start();
  }
}
