// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mobitopolo.fixture.NativeFiles;
import org.mobitopolo.fixture.SshHosts;
import org.mobitopolo.fixture.TestLabs;
import org.mobitopolo.host.Credentials;
import org.mobitopolo.host.HostKeyPolicy;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.task.Tasks;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.Gateway;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Nic;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Switch;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;

/** Switches and gateways between real VMs on two real SSH hosts. */
@Timeout(180)
class DeviceIT {
  private static SshHosts ssh;

  private Hosts hosts;
  private Lab lab;

  @BeforeAll
  static void startHosts() throws Exception {
    ssh = SshHosts.start(2);
  }

  @AfterAll
  static void stopHosts() {
    ssh.close();
  }

  /** The pair's VMs on a switch of the first region, the second VM in the other one. */
  @BeforeEach
  void open() {
    hosts = new Hosts(NativeFiles.parts(), ssh.settings(), HostKeyPolicy.ACCEPT_NEW, Credentials.NONE);
    Topology pair = TestLabs.pair(ssh.url(0), ssh.url(1));
    List<Node> nodes = new ArrayList<>();
    for (Node node : pair.nodes()) {
      nodes.add(node.id().equals("right") ? node.withRegion(Optional.of("florida")) : node);
    }
    nodes.add(new Switch("hub", "hub", pair.nodes().getFirst().region(), new Point(100, 100), List.of(port(0), port(1))));
    List<Link> links =
        List.of(
            Link.create("l", new End("left", "eth0"), new End("hub", "port0")),
            Link.create("r", new End("right", "eth0"), new End("hub", "port1")));
    lab = Lab.open(pair.withNodes(nodes).withLinks(links), hosts, new Tasks());
  }

  private static Nic port(int number) {
    return new Nic("port" + number, "02:00:00:00:aa:0" + number, List.of());
  }

  @AfterEach
  void destroy() throws Exception {
    lab.destroy().awaitSuccess();
    lab.close();
    hosts.close();
  }

  private String run(String node, String line) throws Exception {
    try (ExecStream command = lab.exec(node, ExecRequest.shell(line))) {
      command.stdin().close();
      String output = new String(command.stdout().readAllBytes(), StandardCharsets.UTF_8);
      String errors = new String(command.stderr().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(command.exit().join()).as("%s: %s%s", line, output, errors).isEqualTo(new ExecStream.Exit.Status(0));
      return output;
    }
  }

  private void startPair() throws InterruptedException {
    lab.start(List.of("left", "right")).awaitSuccess();
    lab.settle().awaitSuccess();
  }

  @Test
  void aSwitchStartsWithItsVmsMovesLiveAndStopsWithThem() throws Exception {
    startPair();
    assertThat(lab.state().vm("hub").status()).isEqualTo(VmStatus.RUNNING);
    assertThat(lab.state().liveVms()).isEqualTo(2);
    run("left", "ping -c 2 -W 5 10.0.0.2");

    run("right", "sleep 100 | nc -l -p 5000 | sha256sum > /tmp/sum &");
    try (ExecStream copy = lab.exec("left", ExecRequest.shell("(for i in $(seq 150); do head -c 2000 /dev/zero; sleep 0.04; done) | nc -w 10 10.0.0.2 5000"))) {
      copy.stdin().close();
      String before = lab.state().vm("hub").instance().orElseThrow();
      lab.migrate("hub", "florida").awaitSuccess();
      lab.settle().awaitSuccess();
      assertThat(lab.state().vm("hub").region()).contains("florida");
      assertThat(lab.state().vm("hub").host()).contains(ssh.url(1));
      assertThat(lab.state().vm("hub").instance().orElseThrow()).isNotEqualTo(before);
      assertThat(ssh.hostFolder(0).resolve("vms/" + before)).doesNotExist();
      assertThat(copy.exit().join()).isEqualTo(new ExecStream.Exit.Status(0));
    }
    assertThat(run("right", "until [ -s /tmp/sum ]; do sleep 0.1; done; cat /tmp/sum")).isEqualTo(run("left", "head -c 300000 /dev/zero | sha256sum"));

    lab.stop(List.of("left", "right"), 0).awaitSuccess();
    lab.settle().awaitSuccess();
    assertThat(lab.state().vm("hub").status()).isEqualTo(VmStatus.STOPPED);
  }

  @Test
  void portsAndVlansOfARunningSwitchMayChange() throws Exception {
    startPair();
    run("left", "ping -c 2 -W 5 10.0.0.2");
    vlans(OptionalInt.of(10), OptionalInt.of(20));
    assertThat(lab.state().vm("hub").status()).isEqualTo(VmStatus.RUNNING);
    run("left", "! ping -c 2 -W 1 10.0.0.2");
    vlans(OptionalInt.of(10), OptionalInt.of(10));
    run("left", "ping -c 5 -W 5 10.0.0.2");
  }

  private void vlans(OptionalInt first, OptionalInt second) throws InterruptedException {
    lab.update(
        topology ->
            topology.withNodes(
                topology.nodes().stream()
                    .map(node -> node.id().equals("hub") ? node.withNics(List.of(port(0).withVlan(first), port(1).withVlan(second))) : node)
                    .toList()));
    lab.settle().awaitSuccess();
  }

  @Test
  void aSwitchThatWasStoppedStaysSoUntilItIsStarted() throws Exception {
    startPair();
    lab.stop(List.of("hub"), 0).awaitSuccess();
    lab.settle().awaitSuccess();
    assertThat(lab.state().vm("hub").status()).isEqualTo(VmStatus.STOPPED);
    run("left", "! ping -c 2 -W 1 10.0.0.2");
    lab.start(List.of("hub")).awaitSuccess();
    lab.settle().awaitSuccess();
    run("left", "ping -c 5 -W 5 10.0.0.2");
  }

  @Test
  void aGatewayAddedToARunningLabGivesAddresses() throws Exception {
    startPair();
    lab.update(
        topology -> {
          List<Node> nodes = new ArrayList<>();
          for (Node node : topology.nodes()) {
            nodes.add(node.id().equals("hub") ? node.withNics(List.of(port(0), port(1), port(2))) : node);
          }
          Nic inside = new Nic("port0", "02:00:00:00:bb:00", List.of(Cidr.parse("10.66.0.1/24")));
          nodes.add(new Gateway("out", "out", Optional.of("florida"), new Point(200, 200), List.of(inside)));
          List<Link> links = new ArrayList<>(topology.links());
          links.add(Link.create("o", new End("hub", "port2"), new End("out", "port0")));
          return topology.withNodes(nodes).withLinks(links);
        });
    lab.settle().awaitSuccess();
    assertThat(lab.state().vm("out").status()).isEqualTo(VmStatus.RUNNING);
    for (VirtualMachine vm : lab.topology().virtualMachines().toList()) {
      run(vm.id(), "udhcpc -i eth0 -q -n -t 10 -s /etc/udhcpc/default.script");
      assertThat(run(vm.id(), "ip -4 addr show dev eth0")).contains("10.66.0.");
      assertThat(run(vm.id(), "ip route show default")).contains("via 10.66.0.1");
      run(vm.id(), "ping -c 2 -W 5 10.66.0.1");
    }
  }

  @Test
  void anotherDesktopFindsSwitchesRunning() throws Exception {
    startPair();
    String instance = lab.state().vm("hub").instance().orElseThrow();
    Topology topology = lab.topology();
    lab.close();
    lab = Lab.open(topology, hosts, new Tasks());
    lab.awaitKnown();
    lab.settle().awaitSuccess();
    assertThat(lab.state().vm("hub").instance()).contains(instance);
    assertThat(lab.state().vm("hub").status()).isEqualTo(VmStatus.RUNNING);
    run("left", "ping -c 2 -W 5 10.0.0.2");
  }
}
