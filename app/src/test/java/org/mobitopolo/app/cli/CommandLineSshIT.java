// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mobitopolo.fixture.SshHosts;
import org.mobitopolo.topology.TopologyJson;
import tools.jackson.databind.JsonNode;

/** The program with real SSH hosts. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@Tag("long")
class CommandLineSshIT {

  private SshHosts hosts;
  private Program program;
  private Path file;

  @BeforeEach
  void startHosts() throws Exception {
    hosts = SshHosts.start(2);
    Path home = hosts.settings().sshFolder().getParent();
    program = new Program(home);
    file = home.resolve("lab.json");
    TopologyJson.write(TestLabs.pair("ssh-pair", hosts.url(0), hosts.url(1)), file);
  }

  @AfterEach
  void stopHosts() {
    hosts.close();
  }

  @Test
  void aLabRunsOnSshHostsAndItsMachinesMigrateBetweenThem() throws Exception {
    program.run("apply", "--accept-new-host-keys", file.toString()).expect(0);
    program.run("exec", "ssh-pair", "left", "--", "ping", "-c", "2", "10.0.0.2").expect(0);
    JsonNode migration =
        program.run("migrate", "--json", "ssh-pair", "left", "East").expect(0).json();
    assertThat(migration.get("to").asString()).isEqualTo("East");
    JsonNode status = program.run("status", "--json", "Lab ssh-pair").expect(0).json();
    assertThat(status.get("nodes").get(0).get("host").asString())
        .isEqualTo(hosts.url(1).toString());
    assertThat(status.get("nodes").get(1).get("host").asString())
        .isEqualTo(hosts.url(0).toString());
    program.run("exec", "ssh-pair", "left", "--", "ping", "-c", "2", "10.0.0.2").expect(0);
    assertThat(program.run("status").expect(0).text()).contains("ssh-pair").contains("2 of 2");
    program.run("destroy", "-y", "ssh-pair").expect(0);
  }

  @Test
  void anUnknownHostIsRefusedUnlessItsKeyIsAccepted() throws Exception {
    Program.Outcome refused = program.run("hosts", hosts.url(0).toString());
    refused.expect(1);
    assertThat(refused.text()).contains("unreachable");
    assertThat(refused.errors()).containsIgnoringCase("key");
    JsonNode accepted =
        program
            .run("hosts", "--json", "--accept-new-host-keys", hosts.url(0).toString())
            .expect(0)
            .json();
    assertThat(accepted.get("hosts").get(0).get("hostStatus").asString()).isEqualTo("connected");
    assertThat(accepted.get("hosts").get(0).get("facts").get("cpus").asInt()).isPositive();
    program.run("hosts", hosts.url(0).toString()).expect(0);
  }

  @Test
  void aChangedKeyIsRefusedAlsoWhenNewOnesAreAccepted() throws Exception {
    program.run("hosts", "--accept-new-host-keys", hosts.url(0).toString()).expect(0);
    hosts.stopServer(0);
    hosts.changeHostKey(0);
    hosts.restartServer(0);
    Program.Outcome refused =
        program.run("hosts", "--accept-new-host-keys", hosts.url(0).toString());
    refused.expect(1);
    assertThat(refused.errors()).containsIgnoringCase("key");
  }

  @Test
  void aHostThatIsDownIsToldAndStatusShowsTheRest() throws Exception {
    program.run("apply", "--accept-new-host-keys", file.toString()).expect(0);
    hosts.stopServer(1);
    Program.Outcome outcome = program.run("status", "ssh-pair");
    outcome.expect(1);
    assertThat(outcome.text()).contains("running").contains("East: ");
    assertThat(Files.exists(hosts.hostFolder(0))).isTrue();
  }
}
