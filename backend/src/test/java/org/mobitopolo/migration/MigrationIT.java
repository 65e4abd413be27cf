// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mobitopolo.fixture.GuestPrograms;
import org.mobitopolo.fixture.NativeFiles;
import org.mobitopolo.fixture.SshHosts;
import org.mobitopolo.fixture.TestLabs;
import org.mobitopolo.host.Credentials;
import org.mobitopolo.host.HostKeyPolicy;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.lab.ExecRequest;
import org.mobitopolo.lab.ExecStream;
import org.mobitopolo.lab.GuestProgram;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.lab.VmState;
import org.mobitopolo.lab.VmStatus;
import org.mobitopolo.task.LabException;
import org.mobitopolo.task.Task;
import org.mobitopolo.task.Tasks;
import org.mobitopolo.topology.Rate;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.Wan;

/** Live migration between two real SSH hosts. */
@Timeout(300)
@Tag("long")
class MigrationIT {
  private static final int ROUNDS = 10;

  private static SshHosts ssh;
  private static GuestProgram stream;
  private static GuestProgram probe;

  private Hosts hosts;
  private Lab lab;

  @BeforeAll
  static void startHosts() throws Exception {
    ssh = SshHosts.start(2);
    stream = GuestPrograms.compile("stream");
    probe = GuestPrograms.compile("probe");
  }

  @AfterAll
  static void stopHosts() {
    ssh.close();
  }

  @BeforeEach
  void open() throws Exception {
    hosts = new Hosts(NativeFiles.parts(), ssh.settings(), HostKeyPolicy.ACCEPT_NEW, Credentials.NONE);
    open(TestLabs.pair(ssh.url(0), ssh.url(1)));
  }

  private void open(Topology topology) throws InterruptedException {
    lab = Lab.open(topology, hosts, new Tasks());
    lab.start(List.of("left", "right")).awaitSuccess();
  }

  @AfterEach
  void destroy() throws Exception {
    lab.destroy().awaitSuccess();
    lab.close();
    hosts.close();
  }

  private static String text(ExecStream command) throws Exception {
    return new String(command.stdout().readAllBytes(), StandardCharsets.UTF_8);
  }

  private MigrationProgress migrate(String node, String region) throws InterruptedException {
    lab.migrate(node, region).awaitSuccess();
    VmState vm = lab.state().vm(node);
    assertThat(vm.region()).contains(region);
    assertThat(vm.status()).isEqualTo(VmStatus.RUNNING);
    MigrationProgress last = vm.migration().orElseThrow();
    assertThat(last.status()).isEqualTo(MigrationStatus.DONE);
    return last;
  }

  @Test
  void connectionsLiveThroughManyMigrationsThereAndBack() throws Exception {
    for (String node : List.of("left", "right")) {
      stream.install(lab, node);
      probe.install(lab, node);
    }
    List<Double> gaps = new ArrayList<>();
    List<Double> downtimes = new ArrayList<>();
    try (GuestProgram.Running streamServer = stream.start(lab, "right", "serve", "4000");
        GuestProgram.Running probeServer = probe.start(lab, "right", "echo", "4001")) {
      assertThat(streamServer.line()).isEqualTo("listening");
      assertThat(probeServer.line()).isEqualTo("listening");
      try (GuestProgram.Running connection = stream.start(lab, "left", "run", "10.0.0.2", "4000", "200000");
          GuestProgram.Running prober = probe.start(lab, "left", "run", "10.0.0.2", "4001")) {
        assertThat(connection.line()).isEqualTo("connected");
        for (int round = 0; round < 2 * ROUNDS; round++) {
          Thread.sleep(700);
          prober.say("before");
          prober.line();
          downtimes.add(migrate("right", round % 2 == 0 ? "florida" : "tokyo").downtimeMs().orElseThrow());
          Thread.sleep(300);
          prober.say("after");
          String answer = prober.line();
          gaps.add(Double.parseDouble(answer.split(" ")[1]));
        }
        connection.endInput();
        String verdict = connection.line();
        assertThat(verdict).startsWith("ok ");
        assertThat(Long.parseLong(verdict.substring(3))).isGreaterThan(2L * ROUNDS * 100_000);
      }
    }
    System.out.println("gaps seen by the probe, ms: " + gaps);
    System.out.println("downtimes reported, ms: " + downtimes);
  }

  @Test
  void consoleAndCommandGoOnWhereTheVmMoved() throws Exception {
    try (ExecStream command = lab.exec("right", ExecRequest.shell("i=0; while [ $i -lt 60 ]; do echo line $i; i=$((i+1)); sleep 0.05; done; cat; exit 3"))) {
      migrate("right", "florida");
      migrate("right", "tokyo");
      command.stdin().write("typed later".getBytes(StandardCharsets.UTF_8));
      command.stdin().close();
      StringBuilder expected = new StringBuilder();
      for (int i = 0; i < 60; i++) {
        expected.append("line ").append(i).append('\n');
      }
      assertThat(text(command)).isEqualTo(expected + "typed later");
      assertThat(command.exit().join()).isEqualTo(new ExecStream.Exit.Status(3));
    }
  }

  @Test
  void undoOfADragMigratesTheVmBack() throws Exception {
    Topology before = lab.topology();
    lab.update(topology -> topology.withNodes(topology.nodes().stream().map(node -> node.id().equals("right") ? node.withRegion(Optional.of("florida")) : node).toList()));
    lab.settle().awaitSuccess();
    assertThat(lab.state().vm("right").region()).contains("florida");
    lab.setTopology(before);
    lab.settle().awaitSuccess();
    assertThat(lab.state().vm("right").region()).contains("tokyo");
  }

  @Test
  void bothEndsOfALinkMayMoveAtOnce() throws Exception {
    for (int round = 0; round < 3; round++) {
      for (String region : List.of("florida", "tokyo")) {
        Task left = lab.migrate("left", region);
        Task right = lab.migrate("right", region);
        left.awaitSuccess();
        right.awaitSuccess();
        try (ExecStream ping = lab.exec("left", ExecRequest.shell("ping -c 3 -i 0.2 -W 5 10.0.0.2"))) {
          String said = text(ping);
          assertThat(ping.exit().join()).as(said).isEqualTo(new ExecStream.Exit.Status(0));
        }
      }
    }
  }

  @Test
  void aCancelledMigrationLeavesTheVmWhereItWas() throws Exception {
    lab.update(topology -> topology.withWans(List.of(new Wan("florida", "tokyo", Duration.ofMillis(20), Rate.parse("1Mbit")))));
    lab.settle().awaitSuccess();
    Task task = lab.migrate("right", "florida");
    Thread.sleep(1500);
    task.cancel();
    assertThatThrownBy(task::awaitSuccess).isInstanceOf(LabException.Cancelled.class);
    assertThat(lab.state().vm("right").status()).isEqualTo(VmStatus.RUNNING);
    assertThat(lab.state().vm("right").region()).contains("tokyo");
    assertThat(lab.topology().node("right").orElseThrow().region()).contains("tokyo");
    lab.settle().awaitSuccess();
    lab.update(topology -> topology.withWans(List.of()));
    migrate("right", "florida");
  }

  @Test
  void aTargetThatCannotBeReachedIsRefusedBeforeAnythingMoves() throws Exception {
    ssh.stopServer(1);
    try {
      Task task = lab.migrate("right", "florida");
      assertThatThrownBy(task::awaitSuccess)
          .isInstanceOf(LabException.MigrationFailed.class)
          .hasMessageContaining("right could not be moved to Florida")
          .hasMessageContaining("right goes on running in Tokyo");
      assertThat(lab.topology().node("right").orElseThrow().region()).contains("tokyo");
      assertThat(lab.state().vm("right").status()).isEqualTo(VmStatus.RUNNING);
    } finally {
      ssh.restartServer(1);
      hosts.host(ssh.url(1)).retry();
    }
    migrate("right", "florida");
  }

  /** As when the guest waits for a disk that is slow for seconds: stopping its kernel process has the same effect. */
  @Test
  void aGuestThatDoesNotFreezeInTimeStaysWhereItIsAndGoesOn() throws Exception {
    String instance = lab.state().vm("right").instance().orElseThrow();
    String record = Files.readString(ssh.hostFolder(0).resolve("vms").resolve(instance).resolve("state.json"));
    String process = record.replaceAll("(?s).*\"leader\": (\\d+).*", "$1");
    signal("STOP", process);
    try {
      assertThatThrownBy(() -> lab.migrate("right", "florida").awaitSuccess())
          .isInstanceOf(LabException.MigrationFailed.class)
          .hasMessageContaining("did not answer within 10 s")
          .hasMessageContaining("right goes on running in Tokyo");
    } finally {
      signal("CONT", process);
    }
    assertThat(lab.state().vm("right").status()).isEqualTo(VmStatus.RUNNING);
    try (ExecStream ping = lab.exec("left", ExecRequest.shell("ping -c 3 -i 0.2 -W 5 10.0.0.2"))) {
      String said = text(ping);
      assertThat(ping.exit().join()).as(said).isEqualTo(new ExecStream.Exit.Status(0));
    }
    migrate("right", "florida");
  }

  private static void signal(String name, String process) throws Exception {
    assertThat(new ProcessBuilder("kill", "-" + name, process).start().waitFor()).isZero();
  }
}
