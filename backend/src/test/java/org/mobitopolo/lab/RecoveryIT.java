// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mobitopolo.fixture.Desktop;
import org.mobitopolo.fixture.NativeFiles;
import org.mobitopolo.fixture.SshHosts;
import org.mobitopolo.fixture.TestLabs;
import org.mobitopolo.host.Credentials;
import org.mobitopolo.host.HostKeyPolicy;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.task.Tasks;
import org.mobitopolo.topology.Rate;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.Wan;

/** The hosts hold the truth: a desktop that was killed finds its labs again. */
@Timeout(180)
@Tag("long")
class RecoveryIT {
  @TempDir private Path folder;

  private SshHosts ssh;
  private Hosts hosts;
  private Lab lab;

  @BeforeEach
  void start() throws Exception {
    ssh = SshHosts.start(2);
    hosts = new Hosts(NativeFiles.parts(), ssh.settings(), HostKeyPolicy.ACCEPT_NEW, Credentials.NONE);
  }

  @AfterEach
  void stop() throws Exception {
    if (lab != null) {
      lab.destroy().awaitSuccess();
      lab.close();
    }
    hosts.close();
    ssh.close();
  }

  private void findAgain(Topology topology) throws InterruptedException {
    Labs.Search search = Labs.find(hosts, List.of(ssh.url(0), ssh.url(1)));
    assertThat(search.failures()).isEmpty();
    assertThat(search.labs()).singleElement().satisfies(found -> assertThat(found.topology().id()).isEqualTo(topology.id()));
    lab = Lab.open(search.labs().getFirst().topology(), hosts, new Tasks());
    lab.awaitKnown();
  }

  private void ping() throws Exception {
    try (ExecStream ping = lab.exec("left", ExecRequest.shell("ping -c 3 -i 0.2 -W 5 10.0.0.2"))) {
      String said = new String(ping.stdout().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(ping.exit().join()).as(said).isEqualTo(new ExecStream.Exit.Status(0));
    }
  }

  @Test
  void aLabIsFoundRunningAfterItsDesktopWasKilled() throws Exception {
    Topology pair = TestLabs.pair(ssh.url(0), ssh.url(1));
    String boot;
    try (Desktop desktop = Desktop.start(pair, ssh.settings(), folder)) {
      assertThat(desktop.line()).isEqualTo("running");
      desktop.kill();
    }
    findAgain(pair);
    assertThat(lab.topology()).isEqualTo(pair);
    assertThat(lab.state().vm("left").status()).isEqualTo(VmStatus.RUNNING);
    assertThat(lab.state().vm("right").status()).isEqualTo(VmStatus.RUNNING);
    ping();
    try (ExecStream id = lab.exec("right", ExecRequest.of("cat", "/proc/sys/kernel/random/boot_id"))) {
      boot = new String(id.stdout().readAllBytes(), StandardCharsets.UTF_8);
    }
    lab.migrate("right", "florida").awaitSuccess();
    ping();
    try (ExecStream id = lab.exec("right", ExecRequest.of("cat", "/proc/sys/kernel/random/boot_id"))) {
      assertThat(new String(id.stdout().readAllBytes(), StandardCharsets.UTF_8)).isEqualTo(boot);
    }
  }

  @Test
  void aMigrationWhoseDesktopWasKilledEndsWithOneVmRunning() throws Exception {
    Topology pair = TestLabs.pair(ssh.url(0), ssh.url(1)).withWans(List.of(new Wan("florida", "tokyo", Duration.ofMillis(10), Rate.parse("4Mbit"))));
    try (Desktop desktop = Desktop.start(pair, ssh.settings(), folder)) {
      assertThat(desktop.line()).isEqualTo("running");
      desktop.migrate("right", "florida");
      assertThat(desktop.line()).isEqualTo("moving");
      desktop.kill();
    }
    findAgain(pair);
    while (lab.state().vm("right").status() != VmStatus.RUNNING) {
      Thread.sleep(50);
    }
    lab.settle().awaitSuccess();
    ping();
    assertThat(lab.state().vm("right").status()).isEqualTo(VmStatus.RUNNING);
    assertThat(lab.state().liveVms()).isEqualTo(2);
  }
}
