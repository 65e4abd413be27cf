// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mobitopolo.fixture.TestLabs;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.lab.ExecRequest;
import org.mobitopolo.lab.ExecStream;
import org.mobitopolo.lab.GuestProgram;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.task.Tasks;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Nic;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Switch;
import org.mobitopolo.topology.Topology;

/**
 * A lab of two VMs, {@code left} in Tokyo and {@code right} in Florida, that is busy by itself: a counter in each, and a TCP connection between
 * them whose every byte is checked. Whoever finds it later can see whether all of it went on.
 */
public final class RunningLab {
  private final Lab lab;

  private RunningLab(Lab lab) {
    this.lab = lab;
  }

  /** Its topology. */
  public static Topology topology(HostUrl tokyo, HostUrl florida) {
    Topology pair = TestLabs.pair(tokyo, florida);
    return pair.withNodes(pair.nodes().stream().map(node -> node.id().equals("right") ? node.withRegion(Optional.of("florida")) : node).toList());
  }

  /** The same with a switch {@code hub} in Tokyo instead of the cable. */
  public static Topology topologyWithSwitch(HostUrl tokyo, HostUrl florida) {
    Topology pair = topology(tokyo, florida);
    List<Node> nodes = new ArrayList<>(pair.nodes());
    nodes.add(new Switch("hub", "hub", Optional.of("tokyo"), new Point(200, 250), List.of(port(0), port(1))));
    return pair.withNodes(nodes)
        .withLinks(
            List.of(
                Link.create("first", new End("left", "eth0"), new End("hub", "port0")),
                Link.create("second", new End("right", "eth0"), new End("hub", "port1"))));
  }

  private static Nic port(int number) {
    return new Nic("port" + number, "02:00:00:00:01:0" + number, List.of());
  }

  /** Starts one. */
  public static RunningLab start(Topology topology, Hosts hosts, GuestProgram stream) throws Exception {
    RunningLab running = open(topology, hosts);
    running.lab.start(List.of("left", "right")).awaitSuccess();
    running.lab.settle().awaitSuccess();
    for (String node : List.of("left", "right")) {
      stream.install(running.lab, node);
      running.background(node, "i=0; while :; do i=$((i+1)); echo $i > /tmp/counter.new; mv /tmp/counter.new /tmp/counter; sleep 0.02; done");
    }
    running.background("right", "/tmp/stream serve 4000 > /tmp/served");
    running.run("left", "until ping -c 1 -W 1 10.0.0.2 > /dev/null; do :; done");
    running.background("left", "(until [ -e /tmp/stop ]; do sleep 0.05; done) | /tmp/stream run 10.0.0.2 4000 200000 > /tmp/verdict");
    running.run("left", "until grep -q connected /tmp/verdict; do sleep 0.05; done");
    return running;
  }

  /** Opens one that runs already. */
  public static RunningLab open(Topology topology, Hosts hosts) throws InterruptedException {
    Lab lab = Lab.open(topology, hosts, new Tasks());
    lab.awaitKnown();
    return new RunningLab(lab);
  }

  public Lab lab() {
    return lab;
  }

  private void background(String node, String line) throws Exception {
    run(node, "(setsid sh -c '" + line + "' < /dev/null > /dev/null 2>&1 &)");
  }

  /** Runs a line in a guest's shell and returns what it printed. */
  public String run(String node, String line) throws Exception {
    try (ExecStream command = lab.exec(node, ExecRequest.shell(line))) {
      command.stdin().close();
      String output = new String(command.stdout().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(command.exit().join()).as("%s: %s: %s", node, line, output).isEqualTo(new ExecStream.Exit.Status(0));
      return output.strip();
    }
  }

  public int counter(String node) throws Exception {
    return Integer.parseInt(run(node, "cat /tmp/counter"));
  }

  /** Names this boot of the guest: a VM that was continued still has it. */
  public String boot(String node) throws Exception {
    return run(node, "cat /proc/sys/kernel/random/boot_id");
  }

  /** Ends the TCP connection and returns how many bytes went both ways unharmed. */
  public long endStream() throws Exception {
    String verdict = run("left", "sleep 1; touch /tmp/stop; until grep -q 'ok\\|broken' /tmp/verdict; do sleep 0.05; done; tail -1 /tmp/verdict");
    assertThat(verdict).startsWith("ok ");
    return Long.parseLong(verdict.substring(3));
  }

  /** Asserts that all of it goes on in both VMs. */
  public void assertGoesOn() throws Exception {
    for (String node : List.of("left", "right")) {
      int before = counter(node);
      run(node, "for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.2; [ $(cat /tmp/counter) -gt " + (before + 3) + " ] && exit 0; done; exit 1");
    }
    run("left", "ping -c 2 -i 0.2 -W 5 10.0.0.2");
  }

  public void destroy() throws InterruptedException {
    lab.destroy().awaitSuccess();
    lab.close();
  }
}
