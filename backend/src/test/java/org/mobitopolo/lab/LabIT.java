// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
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
import org.mobitopolo.task.LabException;
import org.mobitopolo.task.Tasks;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.Impairment;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Size;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;

/** A lab of two VMs on two real SSH hosts. */
@Timeout(120)
class LabIT {
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

  @BeforeEach
  void open() {
    hosts = new Hosts(NativeFiles.parts(), ssh.settings(), HostKeyPolicy.ACCEPT_NEW, Credentials.NONE);
    Topology pair = TestLabs.pair(ssh.url(0), ssh.url(1));
    lab = Lab.open(pair.withNodes(pair.nodes().stream().map(node -> node.id().equals("right") ? node.withRegion(Optional.of("florida")) : node).toList()), hosts, new Tasks());
  }

  @AfterEach
  void destroy() throws Exception {
    lab.destroy().awaitSuccess();
    lab.close();
    hosts.close();
  }

  private void start() throws InterruptedException {
    lab.start(List.of("left", "right")).awaitSuccess();
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

  private void change(String node, java.util.function.UnaryOperator<VirtualMachine> edit) {
    lab.update(
        topology ->
            topology.withNodes(topology.nodes().stream().map(each -> each.id().equals(node) ? (Node) edit.apply((VirtualMachine) each) : each).toList()));
  }

  @Test
  void startedVmsRunWhereTheirRegionsAreAndReachEachOther() throws Exception {
    start();
    LabState state = lab.state();
    assertThat(state.vm("left").status()).isEqualTo(VmStatus.RUNNING);
    assertThat(state.vm("left").host()).contains(ssh.url(0));
    assertThat(state.vm("right").host()).contains(ssh.url(1));
    run("left", "ping -c 2 -W 5 10.0.0.2");
    run("left", "ping -6 -c 2 -W 5 fd00::2");
    assertThat(run("right", "hostname")).isEqualTo("right\n");
    assertThat(run("left", "cat /tmp/started")).isEqualTo("started\n");
    assertThat(ssh.hostFolder(0).resolve("labs/" + lab.topology().id() + ".json")).exists();
  }

  @Test
  void linkStatesTellRoundTripAndRates() throws Exception {
    start();
    CompletableFuture<LinkState> busy = new CompletableFuture<>();
    lab.addListener(
        state -> {
          LinkState link = state.links().get("cable");
          if (link.up() && link.roundTrip().isPresent() && link.bytesPerSecondAb() > 1000) {
            busy.complete(link);
          }
        });
    run("left", "ping -c 20 -i 0.1 -s 1000 10.0.0.2");
    assertThat(busy.join().roundTrip().orElseThrow()).isPositive();
  }

  @Test
  void ratesGoOnThroughAMigration() throws Exception {
    start();
    List<Double> rates = new CopyOnWriteArrayList<>();
    try (ExecStream ping = lab.exec("left", ExecRequest.shell("ping -q -c 1500 -i 0.01 -s 1000 10.0.0.2"))) {
      ping.stdin().close();
      while (lab.state().links().get("cable").bytesPerSecondAb() < 20_000) {
        Thread.sleep(100);
      }
      lab.addListener(state -> rates.add(state.links().get("cable").bytesPerSecondAb()));
      lab.migrate("left", "florida").awaitSuccess();
      Thread.sleep(4000);
      assertThat(rates).hasSizeGreaterThan(3).allMatch(rate -> rate > 0);
      ping.signal(2);
      ping.exit().join();
    }
  }

  @Test
  void commandsHaveInputOutputErrorsAndStatus() throws Exception {
    start();
    try (ExecStream command = lab.exec("left", new ExecRequest(List.of("/bin/sh", "-c", "cat; echo \"$GREETING in $PWD\" >&2; exit 7"), Map.of("GREETING", "hello"), "/tmp", false, 24, 80))) {
      try (OutputStream stdin = command.stdin()) {
        stdin.write("input".getBytes(StandardCharsets.UTF_8));
      }
      assertThat(new String(command.stdout().readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("input");
      assertThat(new String(command.stderr().readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("hello in /tmp\n");
      assertThat(command.exit().join()).isEqualTo(new ExecStream.Exit.Status(7));
    }
    try (ExecStream command = lab.exec("left", ExecRequest.of("/no/such/program"))) {
      assertThat(command.exit().join()).isInstanceOf(ExecStream.Exit.Failed.class);
    }
    try (ExecStream command = lab.exec("left", ExecRequest.of("sleep", "1000"))) {
      command.signal(9);
      assertThat(command.exit().join()).isEqualTo(new ExecStream.Exit.Signal(9));
    }
  }

  @Test
  void manyMegabytesGoThroughACommandUnharmed() throws Exception {
    start();
    byte[] data = new byte[5 << 20];
    new Random(1).nextBytes(data);
    ByteArrayOutputStream back = new ByteArrayOutputStream();
    try (ExecStream command = lab.exec("right", ExecRequest.of("cat"))) {
      Thread reader =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      command.stdout().transferTo(back);
                    } catch (java.io.IOException e) {
                      throw new java.io.UncheckedIOException(e);
                    }
                  });
      try (OutputStream stdin = command.stdin()) {
        stdin.write(data);
      }
      reader.join();
    }
    assertThat(MessageDigest.getInstance("SHA-256").digest(back.toByteArray())).isEqualTo(MessageDigest.getInstance("SHA-256").digest(data));
  }

  @Test
  void aConsoleIsATerminalAndComesBackAfterARestart() throws Exception {
    Screen screen = new Screen();
    try (ConsoleStream console = lab.openConsole("left", 30, 100, screen)) {
      lab.start(List.of("left")).awaitSuccess();
      screen.await("#", 20);
      console.write("stty size; echo one-$((20+3))\n".getBytes(StandardCharsets.UTF_8));
      screen.await("one-23", 20);
      lab.stop(List.of("left"), 5000).awaitSuccess();
      assertThat(lab.state().vm("left").status()).isEqualTo(VmStatus.STOPPED);
      screen.clear();
      lab.start(List.of("left")).awaitSuccess();
      screen.await("#", 20);
      console.write("echo two-$((20+4))\n".getBytes(StandardCharsets.UTF_8));
      screen.await("two-24", 20);
    }
  }

  @Test
  void aStoppedVmKeepsItsDiskAndForgetsItsMemory() throws Exception {
    start();
    run("left", "echo kept > /root/file; echo lost > /tmp/file; sync");
    lab.stop(List.of("left"), 5000).awaitSuccess();
    assertThat(lab.state().vm("right").status()).isEqualTo(VmStatus.RUNNING);
    lab.start(List.of("left")).awaitSuccess();
    assertThat(run("left", "cat /root/file; cat /tmp/file 2>/dev/null || true")).isEqualTo("kept\n");
    run("left", "ping -c 1 -W 5 10.0.0.2");
  }

  @Test
  void changedMemoryCountsFromTheNextStartAndTheDiskStays() throws Exception {
    start();
    run("left", "echo kept > /root/file; sync");
    change("left", vm -> vm.withMemory(Size.ofMiB(128)));
    lab.settle().awaitSuccess();
    assertThat(lab.state().vm("left").status()).isEqualTo(VmStatus.RUNNING);
    lab.stop(List.of("left"), 5000).awaitSuccess();
    lab.start(List.of("left")).awaitSuccess();
    assertThat(run("left", "cat /root/file")).isEqualTo("kept\n");
    long kilobytes = Long.parseLong(run("left", "awk '/MemTotal/ {print $2}' /proc/meminfo").strip());
    assertThat(kilobytes).isGreaterThan(96 * 1024);
  }

  @Test
  void changedAddressesReachTheRunningGuest() throws Exception {
    start();
    run("left", "ping -c 1 -W 5 10.0.0.2");
    change("right", vm -> vm.withNics(List.of(vm.nics().getFirst().withAddresses(List.of(Cidr.parse("10.0.0.77/24"))))));
    lab.settle().awaitSuccess();
    run("left", "ping -c 1 -W 5 10.0.0.77");
    assertThat(run("right", "ip -o addr show dev eth0 | grep -c 'inet 10.0.0.2/' || true")).isEqualTo("0\n");
  }

  @Test
  void aDelayedLinkIsSlowAndARemovedOneIsDead() throws Exception {
    start();
    run("left", "ping -c 1 -W 5 10.0.0.2");
    Impairment slow = Impairment.NONE.withDelay(Duration.ofMillis(60));
    lab.update(topology -> topology.withLinks(topology.links().stream().map(link -> link.withImpairments(slow, slow)).toList()));
    lab.settle().awaitSuccess();
    String[] figures = run("left", "ping -c 5 -i 0.2 10.0.0.2 | tail -1").replaceAll(".*= ", "").split("/");
    assertThat(Double.parseDouble(figures[0])).as(Arrays.toString(figures)).isGreaterThanOrEqualTo(119.0);
    lab.update(topology -> topology.withLinks(List.of()));
    lab.settle().awaitSuccess();
    assertThat(run("left", "ping -c 1 -W 1 10.0.0.2 > /dev/null && echo alive || echo dead")).isEqualTo("dead\n");
  }

  @Test
  void aRemovedNodeIsGoneFromItsHost() throws Exception {
    start();
    lab.update(topology -> topology.withLinks(List.of()).withNodes(topology.nodes().stream().filter(node -> node.id().equals("left")).toList()));
    lab.settle().awaitSuccess();
    assertThat(ssh.hostFolder(1).resolve("vms")).isEmptyDirectory();
    assertThat(lab.state().vm("left").status()).isEqualTo(VmStatus.RUNNING);
  }

  @Test
  void aNodeThatComesBackInTimeHasItsDiskAgain() throws Exception {
    start();
    lab.keepRemoved(Duration.ofMinutes(5));
    run("right", "echo kept > /root/file; sync");
    Topology before = lab.topology();
    lab.update(topology -> topology.withLinks(List.of()).withNodes(topology.nodes().stream().filter(node -> node.id().equals("left")).toList()));
    lab.settle().awaitSuccess();
    assertThat(ssh.hostFolder(1).resolve("vms")).isNotEmptyDirectory();
    lab.setTopology(before);
    lab.start(List.of("right")).awaitSuccess();
    assertThat(run("right", "cat /root/file")).isEqualTo("kept\n");
    run("left", "ping -c 1 -W 5 10.0.0.2");
  }

  @Test
  void aVmThatPowersItselfOffIsNotStartedAgain() throws Exception {
    start();
    CompletableFuture<Void> stopped = new CompletableFuture<>();
    lab.addListener(
        state -> {
          if (state.vm("right").status() == VmStatus.STOPPED) {
            stopped.complete(null);
          }
        });
    lab.exec("right", ExecRequest.of("poweroff"));
    stopped.join();
    lab.settle().awaitSuccess();
    assertThat(lab.state().vm("right").status()).isEqualTo(VmStatus.STOPPED);
  }

  @Test
  void whatMakesNoSenseIsRefusedWithASentence() throws Exception {
    lab.awaitKnown();
    assertThatThrownBy(() -> lab.exec("left", ExecRequest.of("true"))).isInstanceOf(LabException.NotPossible.class).hasMessageContaining("left does not run");
    assertThatThrownBy(() -> lab.migrate("left", "mars")).hasMessageContaining("There is no region \"mars\"");
    assertThatThrownBy(() -> lab.exec("nobody", ExecRequest.of("true"))).hasMessageContaining("There is no node \"nobody\"");
    change("left", vm -> vm.withImage("no-such-image"));
    assertThatThrownBy(() -> lab.start(List.of("left")).awaitSuccess()).hasMessageContaining("There is no image \"no-such-image\"").hasMessageContaining("small");
  }

  @Test
  void logsCanBeRead() throws Exception {
    change("left", vm -> vm.withStartup("echo this is the start-up script\n"));
    lab.start(List.of("left")).awaitSuccess();
    assertThat(lab.log("left", Lab.LogKind.KERNEL, 65536)).contains("kernel process");
    String log = "";
    for (int i = 0; i < 100 && !log.contains("this is the start-up script"); i++) {
      Thread.sleep(50);
      log = lab.log("left", Lab.LogKind.STARTUP, 65536);
    }
    assertThat(log).contains("this is the start-up script");
  }
}
