// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mobitopolo.fixture.Leftovers;
import org.mobitopolo.fixture.SshHosts;
import tools.jackson.databind.JsonNode;

/** Hosts that are well, and hosts with each of the illnesses that doctor knows. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@Tag("long")
class DoctorIT {

  private SshHosts hosts;
  private Program program;
  private Path home;

  @BeforeEach
  void startHosts() throws Exception {
    hosts = SshHosts.start(1);
    home = hosts.settings().sshFolder().getParent();
    program = new Program(home);
  }

  @AfterEach
  void stopHosts() {
    Leftovers.endProcessesIn(home);
    hosts.close();
  }

  private JsonNode examine(int status, String... more) throws Exception {
    List<String> words = new ArrayList<>(List.of("doctor", "--json", "--accept-new-host-keys"));
    words.addAll(List.of(more));
    return program.run(words.toArray(String[]::new)).expect(status).json();
  }

  /** The step of an SSH host, or of two hosts. */
  private static JsonNode step(JsonNode report, String name) {
    JsonNode found = null;
    for (JsonNode step : report.get("steps")) {
      if (step.get("step").asString().equals(name)) {
        found = step;
      }
    }
    assertThat(found).as("%s in %s", name, report).isNotNull();
    return found;
  }

  private static void assertVerdict(JsonNode report, String name, String verdict) {
    assertThat(step(report, name).get("verdict").asString()).as(report.toString()).isEqualTo(verdict);
  }

  @Test
  void hostsThatAreWellBootGuestsThatReachEachOther() throws Exception {
    JsonNode report = examine(0, hosts.url(0).toString());
    assertThat(report.get("ok").asBoolean()).isTrue();
    for (String name : List.of("reached", "host key", "login", "host agent", "guest", "frames")) {
      assertVerdict(report, name, "ok");
    }
    assertThat(step(report, "guest").get("found").asString()).contains("runs commands");
    assertThat(step(report, "frames").get("found").asString()).contains("reach each other");
    // nothing is left of the check
    JsonNode labs = program.run("status", "--json").expect(0).json().get("labs");
    assertThat(labs.isEmpty()).isTrue();
  }

  @Test
  void aHostWithoutAServerIsNotReachedAndTheRestIsSkipped() throws Exception {
    hosts.stopServer(0);
    JsonNode report = examine(1, "--no-guest", hosts.url(0).toString());
    assertVerdict(report, "reached", "failed");
    assertThat(step(report, "reached").get("advice").asString()).contains("SSH server");
    assertVerdict(report, "login", "skipped");
    assertThat(report.get("ok").asBoolean()).isFalse();
  }

  @Test
  void aNameThatDoesNotExistIsToldAsSuch() throws Exception {
    JsonNode report = examine(1, "--no-guest", "ssh://nobody@no-such-host.invalid");
    assertVerdict(report, "reached", "failed");
    assertThat(step(report, "reached").get("found").asString()).contains("no host of that name");
  }

  @Test
  void anUnknownAndAChangedKeyAreTold() throws Exception {
    JsonNode unknown =
        program.run("doctor", "--json", "--no-guest", hosts.url(0).toString()).expect(1).json();
    assertVerdict(unknown, "reached", "ok");
    assertVerdict(unknown, "host key", "failed");
    examine(0, "--no-guest", hosts.url(0).toString());
    hosts.stopServer(0);
    hosts.changeHostKey(0);
    hosts.restartServer(0);
    assertVerdict(examine(1, "--no-guest", hosts.url(0).toString()), "host key", "failed");
  }

  @Test
  void aRefusedLoginIsTold() throws Exception {
    try (var keys = Files.list(hosts.settings().sshFolder())) {
      for (Path key : keys.filter(file -> file.getFileName().toString().startsWith("id_")).toList()) {
        Files.delete(key);
      }
    }
    JsonNode report = examine(1, "--no-guest", hosts.url(0).toString());
    assertVerdict(report, "host key", "ok");
    assertVerdict(report, "login", "failed");
    assertThat(step(report, "login").get("advice").asString()).contains("authorized_keys");
    assertVerdict(report, "host agent", "skipped");
  }

  @Test
  void aFullDiskKeepsTheAgentOut() throws Exception {
    hosts.limitDisk(0, 1);
    JsonNode report = examine(1, "--no-guest", hosts.url(0).toString());
    assertVerdict(report, "login", "ok");
    assertVerdict(report, "host agent", "failed");
    assertThat(step(report, "host agent").get("advice").asString()).containsIgnoringCase("disk");
  }

  @Test
  void aFolderThatProgramsCanNotBeRunFromIsTold() throws Exception {
    hosts.forbidPrograms(0);
    JsonNode report = examine(1, "--no-guest", hosts.url(0).toString());
    assertVerdict(report, "login", "ok");
    assertVerdict(report, "host agent", "failed");
    assertThat(step(report, "host agent").get("found").asString()).contains("noexec");
    assertThat(step(report, "host agent").get("advice").asString()).contains("folder elsewhere");
  }

  @Test
  void aHostWithoutMemoryIsUnfit() throws Exception {
    hosts.disguise(
        0,
        Map.of(
            "/proc/meminfo",
            "MemTotal:  500000 kB\nMemFree:  9000 kB\nMemAvailable:  9000 kB\n"));
    JsonNode report = examine(1, "--no-guest", hosts.url(0).toString());
    assertVerdict(report, "host agent", "ok");
    assertVerdict(report, "memory", "failed");
    assertThat(step(report, "memory").get("advice").asString()).isNotEmpty();
  }

  @Test
  void theReportForPeopleSaysWhatToDo() throws Exception {
    hosts.stopServer(0);
    Program.Outcome outcome = program.run("doctor", "--no-guest", hosts.url(0).toString());
    outcome.expect(1);
    assertThat(outcome.text()).contains("FAILED", "reached", "-> Check", "1 step failed");
  }
}
