// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
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
import org.mobitopolo.task.Tasks;
import org.mobitopolo.topology.Rate;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.Wan;

/** Two desktops look after one lab, as a window and a command beside it: neither takes a link from the other. */
@Timeout(300)
@Tag("long")
class TwoDesktopsIT {
  private SshHosts ssh;
  private final Hosts[] hosts = new Hosts[2];
  private final Lab[] labs = new Lab[2];

  @BeforeEach
  void start() throws Exception {
    ssh = SshHosts.start(2);
    Topology pair = TestLabs.pair(ssh.url(0), ssh.url(1)).withWans(List.of(new Wan("florida", "tokyo", Duration.ofMillis(5), Rate.parse("1Gbit"))));
    for (int i = 0; i < 2; i++) {
      hosts[i] = new Hosts(NativeFiles.parts(), ssh.settings(), HostKeyPolicy.ACCEPT_NEW, Credentials.NONE);
      labs[i] = Lab.open(pair, hosts[i], new Tasks());
    }
    // both find that the link has no key as soon as both ends run
    labs[0].start(List.of("left", "right")).awaitSuccess();
  }

  @AfterEach
  void stop() throws Exception {
    labs[1].close();
    labs[0].destroy().awaitSuccess();
    labs[0].close();
    for (Hosts each : hosts) {
      each.close();
    }
    ssh.close();
  }

  private void ping() throws Exception {
    try (ExecStream ping = labs[0].exec("left", ExecRequest.shell("ping -c 20 -i 0.2 -W 2 10.0.0.2"))) {
      String said = new String(ping.stdout().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(ping.exit().join()).as(said).isEqualTo(new ExecStream.Exit.Status(0));
      assertThat(said).contains(" 0% packet loss");
    }
  }

  @Test
  void aLinkWhoseEndsMoveKeepsOneKeyWhoeverLooksAfterIt() throws Exception {
    for (Lab lab : labs) {
      lab.settle().awaitSuccess();
    }
    ping();
    for (int round = 0; round < 4; round++) {
      Lab mover = labs[round % 2];
      mover.migrate("right", round % 2 == 0 ? "florida" : "tokyo").awaitSuccess();
      for (Lab lab : labs) {
        lab.settle().awaitSuccess();
      }
      ping();
      assertThat(labs[1 - round % 2].topology().node("right").orElseThrow().region()).contains(round % 2 == 0 ? "florida" : "tokyo");
    }
  }
}
