// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mobitopolo.fixture.NativeFiles;
import org.mobitopolo.fixture.SshHosts;
import org.mobitopolo.fixture.TestLabs;
import org.mobitopolo.host.Credentials;
import org.mobitopolo.host.HostKeyPolicy;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.migration.MigrationStatus;
import org.mobitopolo.task.LabException;
import org.mobitopolo.task.Task;
import org.mobitopolo.task.Tasks;
import org.mobitopolo.topology.Rate;
import org.mobitopolo.topology.Wan;

/** Migrations that break off between two real SSH hosts are decided by the desktop, by itself. */
@Timeout(300)
@Tag("long")
class HandoverIT {
  private static final int TOKYO = 0;
  private static final int FLORIDA = 1;
  private static final Duration LEFTOVERS = Duration.ofSeconds(15);

  private SshHosts ssh;
  private Hosts hosts;
  private Lab lab;

  @BeforeEach
  void start() throws Exception {
    ssh = SshHosts.start(2);
    hosts = new Hosts(NativeFiles.parts(), ssh.settings(), HostKeyPolicy.ACCEPT_NEW, Credentials.NONE);
    // far enough for things to happen between the record and the word that leaves
    Wan far = new Wan("florida", "tokyo", Duration.ofMillis(1500), Rate.parse("1Gbit"));
    lab = Lab.open(TestLabs.pair(ssh.url(TOKYO), ssh.url(FLORIDA)).withWans(List.of(far)), hosts, new Tasks());
    lab.start(List.of("left", "right")).awaitSuccess();
    lab.settle().awaitSuccess();
    run("echo kept > /dev/shm/mark");
  }

  @AfterEach
  void stop() throws Exception {
    lab.destroy().awaitSuccess();
    lab.close();
    hosts.close();
    ssh.close();
  }

  private String run(String script) throws Exception {
    try (ExecStream command = lab.exec("right", ExecRequest.shell(script))) {
      String said = new String(command.stdout().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(command.exit().join()).as(said).isEqualTo(new ExecStream.Exit.Status(0));
      return said;
    }
  }

  private void runsIn(String region) throws Exception {
    lab.await(state -> state.vm("right").status() == VmStatus.RUNNING && state.vm("right").region().equals(Optional.of(region)));
    assertThat(run("cat /dev/shm/mark")).isEqualTo("kept\n");
    lab.settle().awaitSuccess();
    assertThat(lab.state().liveVms()).isEqualTo(2);
    // what a migration leaves goes by itself, a moment later
    long until = System.nanoTime() + LEFTOVERS.toNanos();
    while (copies(FLORIDA).size() + copies(TOKYO).size() != 2 && System.nanoTime() < until) {
      Thread.sleep(50);
    }
    assertThat(copies(FLORIDA).size() + copies(TOKYO).size()).isEqualTo(2);
  }

  private List<Path> copies(int host) throws IOException {
    try (Stream<Path> vms = Files.list(ssh.hostFolder(host).resolve("vms"))) {
      return vms.filter(vm -> vm.getFileName().toString().matches("[0-9a-f]{16}")).toList();
    }
  }

  private static String record(Path vm) throws IOException {
    try {
      return Files.readString(vm.resolve("state.json"));
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  private static void kill(Path vm) throws Exception {
    Matcher supervisor = Pattern.compile("\"supervisor\": (\\d+)").matcher(record(vm));
    assertThat(supervisor.find()).isTrue();
    assertThat(new ProcessBuilder("kill", "-9", supervisor.group(1)).start().waitFor()).isZero();
  }

  private Path right() {
    return ssh.hostFolder(TOKYO).resolve("vms").resolve(lab.state().vm("right").instance().orElseThrow());
  }

  private Task moveUntil(Path source, Predicate<String> record) throws Exception {
    Task move = lab.migrate("right", "florida");
    while (!record.test(record(source))) {
      assertThat(move.end()).isNotDone();
      Thread.sleep(5);
    }
    return move;
  }

  private static boolean handedOver(String record) {
    return record.contains("\"handed-over\"");
  }

  @Test
  void aVmWhoseSupervisorsAreKilledAfterTheSourceLetGoGoesOnAtTheTarget() throws Exception {
    Path source = right();
    Task move = moveUntil(source, HandoverIT::handedOver);
    kill(source);
    kill(copies(FLORIDA).getFirst());
    move.awaitSuccess();
    runsIn("florida");
  }

  @Test
  void aVmWhoseSourceIsKilledBeforeItLetGoGoesOnThere() throws Exception {
    Path source = right();
    Task move = lab.migrate("right", "florida");
    lab.await(state -> state.vm("right").migration().filter(now -> now.status() == MigrationStatus.FROZEN).isPresent());
    assertThat(record(source)).contains("\"sending\"");
    kill(source);
    move.await();
    runsIn("tokyo");
  }

  @Test
  void aVmWhoseTargetIsLostWaitsForItsHostThenGoesOnAtTheSource() throws Exception {
    Path source = right();
    Task move = moveUntil(source, HandoverIT::handedOver);
    Path target = copies(FLORIDA).getFirst();
    kill(source);
    kill(target);
    ssh.stopServer(FLORIDA);
    lab.await(state -> state.vm("right").status() == VmStatus.UNKNOWN && state.vm("right").error().isPresent());
    assertThat(lab.state().vm("right").error().orElseThrow())
        .contains("right was handed over to")
        .contains("does not answer")
        .contains("decided by itself")
        .contains("mobitopolo recover");
    // the host comes back without what it had
    try (Stream<Path> files = Files.walk(target)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> assertThat(file.toFile().delete()).isTrue());
    }
    ssh.restartServer(FLORIDA);
    hosts.host(ssh.url(FLORIDA)).retry();
    runsIn("tokyo");
    assertThat(move.await().failure()).isPresent();
  }

  @Test
  void aVmWhoseTargetIsGoneForGoodIsRecoveredByAPerson() throws Exception {
    Path source = right();
    moveUntil(source, HandoverIT::handedOver);
    Path target = copies(FLORIDA).getFirst();
    kill(source);
    kill(target);
    ssh.stopServer(FLORIDA);
    lab.await(state -> state.vm("right").status() == VmStatus.UNKNOWN);
    lab.recover("right").awaitSuccess();
    assertThat(lab.state().vm("right").region()).contains("tokyo");
    assertThat(run("cat /dev/shm/mark")).isEqualTo("kept\n");
    // should it come back after all, what it has is given up
    ssh.restartServer(FLORIDA);
    hosts.host(ssh.url(FLORIDA)).retry();
    runsIn("tokyo");
  }

  @Test
  void cancellingWhileTheTargetIsPreparedLeavesNothingThere() throws Exception {
    lab.update(topology -> topology.withWans(List.of()));
    for (int i = 0; i < 5; i++) {
      Task move = lab.migrate("right", "florida");
      Thread.sleep(20L * i);
      move.cancel();
      try {
        move.awaitSuccess();
        lab.migrate("right", "tokyo").awaitSuccess();
      } catch (LabException.Cancelled e) {
        assertThat(lab.topology().node("right").orElseThrow().region()).contains("tokyo");
      }
      runsIn("tokyo");
    }
  }

  @Test
  void aLabIsRemovedInTheMiddleOfAMigrationThatNobodyFollows() throws Exception {
    Path source = right();
    moveUntil(source, record -> record.contains("\"sending\""));
    lab.close();
    lab = Lab.open(lab.topology(), hosts, new Tasks());
    lab.awaitKnown();
    lab.destroy().awaitSuccess();
    assertThat(copies(TOKYO)).isEmpty();
    assertThat(copies(FLORIDA)).isEmpty();
  }
}
