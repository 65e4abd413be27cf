// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mobitopolo.fixture.Leftovers;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.TopologyJson;
import tools.jackson.databind.JsonNode;

/** The program as a user runs it, with real virtual machines on this computer. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@Tag("long")
class CommandLineIT extends InNewHome {

  private Path file;
  private Topology lab;

  @BeforeEach
  void applyALab() throws Exception {
    file = home.resolve("lab.json");
    lab = TestLabs.pair("pair", HostUrl.LOCAL, HostUrl.LOCAL);
    TopologyJson.write(lab, file);
    program.run("apply", file.toString()).expect(0);
  }

  private static JsonNode node(JsonNode status, String name) {
    for (JsonNode node : status.get("nodes")) {
      if (node.get("name").asString().equals(name)) {
        return node;
      }
    }
    throw new AssertionError("no node " + name + " in " + status);
  }

  @Test
  void whatWasAppliedRunsAndIsFoundByFileNameAndId() throws Exception {
    for (String name : List.of(file.toString(), "Lab pair", "pair")) {
      JsonNode status = program.run("status", "--json", name).expect(0).json();
      assertThat(node(status, "left").get("status").asString()).isEqualTo("running");
      assertThat(node(status, "right").get("region").asString()).isEqualTo("West");
      assertThat(status.get("links").get(0).get("up").asBoolean()).isTrue();
    }
    JsonNode labs = program.run("status", "--json").expect(0).json().get("labs");
    assertThat(labs.size()).isEqualTo(1);
    assertThat(labs.get(0).get("live").asInt()).isEqualTo(2);
    assertThat(program.run("status", "pair").expect(0).text())
        .contains("left", "running", "West", "left:eth0 - right:eth0", "up");
  }

  @Test
  void machinesReachEachOther() throws Exception {
    assertThat(
            program
                .run("exec", "pair", "left", "--", "ping", "-c", "3", "10.0.0.2")
                .expect(0)
                .text())
        .contains("3 packets received");
  }

  @Test
  void execPassesStreamsAndStatusThrough() throws Exception {
    Program.Outcome outcome =
        program.run(
            "exec",
            "--env",
            "WORD=hello there",
            "--cwd",
            "/etc",
            "pair",
            "left",
            "--",
            "sh",
            "-c",
            "echo $WORD $PWD; echo oops >&2; exit 7");
    outcome.expect(7);
    assertThat(outcome.text()).isEqualTo("hello there /etc\n");
    assertThat(outcome.errors()).isEqualTo("oops\n");
    program.run("exec", "pair", "left", "--", "sh", "-c", "kill -9 $$").expect(137);
    assertThat(program.run("exec", "pair", "left", "--", "no-such-program").expect(255).errors())
        .contains("no-such-program")
        .endsWith(".\n");
  }

  @Test
  void megabytesOfBinaryPassThroughAGuestUnchanged() throws Exception {
    byte[] bytes = new byte[3_000_000];
    new Random(1).nextBytes(bytes);
    Program.Outcome outcome =
        program.runWithInput(bytes, "exec", "pair", "left", "--", "cat").expect(0);
    assertThat(outcome.output()).isEqualTo(bytes);
  }

  @Test
  void interruptingExecInterruptsTheCommandInTheGuest() throws Exception {
    Program.Running running =
        program.start(
            "exec",
            "pair",
            "left",
            "--",
            "sh",
            "-c",
            "trap 'echo caught > /tmp/caught; exit 3' INT; echo ready; while :; do sleep 0.1;"
                + " done");
    await("the command to run", () -> running.outputSoFar().contains("ready"));
    running.interrupt();
    assertThat(running.await().status()).isEqualTo(130);
    assertThat(program.run("exec", "pair", "left", "--", "cat", "/tmp/caught").expect(0).text())
        .isEqualTo("caught\n");
  }

  @Test
  void aCaptureIsWrittenUntilItIsInterrupted() throws Exception {
    Path written = file.resolveSibling("left.pcapng");
    Program.Running running =
        program.start("capture", "pair", "left:eth0", "-w", written.toString());
    await("the capture to begin", () -> written.toFile().length() > 0);
    program.run("exec", "pair", "left", "--", "ping", "-c", "3", "10.0.0.2").expect(0);
    await("the frames to be written", () -> written.toFile().length() > 6 * 98);
    running.interrupt();
    assertThat(running.await().status()).isEqualTo(130);
    assertThat(Files.readAllBytes(written)).startsWith(0x0a, 0x0d, 0x0d, 0x0a);
    assertThat(program.run("capture", "pair", "left:eth7").expect(1).errors())
        .contains("no interface \"eth7\"");
  }

  @Test
  void aRunningMachineMigratesAndItsProcessesGoOn() throws Exception {
    program
        .run(
            "exec",
            "pair",
            "left",
            "--",
            "sh",
            "-c",
            "echo kept > /tmp/kept; nohup sleep 1000 >/dev/null 2>&1 & echo $! > /tmp/pid")
        .expect(0);
    String before =
        node(program.run("status", "--json", "pair").expect(0).json(), "left")
            .get("instance")
            .asString();
    JsonNode migration = program.run("migrate", "--json", "pair", "left", "East").expect(0).json();
    assertThat(migration.get("from").asString()).isEqualTo("West");
    assertThat(migration.get("to").asString()).isEqualTo("East");
    assertThat(migration.get("downtimeMs").asDouble()).isPositive();
    JsonNode left = node(program.run("status", "--json", "pair").expect(0).json(), "left");
    assertThat(left.get("region").asString()).isEqualTo("East");
    assertThat(left.get("instance").asString()).isNotEqualTo(before);
    program
        .run(
            "exec",
            "pair",
            "left",
            "--",
            "sh",
            "-c",
            "kill -0 $(cat /tmp/pid) && grep kept /tmp/kept && ping -c 2 10.0.0.2")
        .expect(0);
    assertThat(program.run("migrate", "pair", "left", "west").expect(0).text())
        .startsWith("left runs in West. It stood still for ");
  }

  @Test
  void interruptingAMigrationLeavesTheMachineWhereItRuns() throws Exception {
    TopologyJson.write(TestLabs.farApart(lab), file);
    program.run("apply", file.toString()).expect(0);
    Program.Running running = program.start("migrate", "pair", "left", "East");
    await("the migration to begin", () -> running.errorsSoFar().contains("Pass 1"));
    running.interrupt();
    Program.Outcome outcome = running.await();
    assertThat(outcome.status()).isEqualTo(130);
    assertThat(outcome.errors()).contains("was cancelled").contains("left");
    JsonNode left = node(program.run("status", "--json", "pair").expect(0).json(), "left");
    assertThat(left.get("region").asString()).isEqualTo("West");
    assertThat(left.get("status").asString()).isEqualTo("running");
    program.run("exec", "pair", "left", "--", "ping", "-c", "2", "10.0.0.2").expect(0);
  }

  @Test
  void applyingAChangedFileMigratesAndDeletes() throws Exception {
    Topology changed =
        lab.withNodes(List.of(lab.nodes().getFirst().withRegion(Optional.of("east"))))
            .withLinks(List.of());
    TopologyJson.write(changed, file);
    program.run("apply", file.toString()).expect(0);
    JsonNode status = program.run("status", "--json", "pair").expect(0).json();
    assertThat(status.get("nodes").size()).isEqualTo(1);
    assertThat(node(status, "left").get("region").asString()).isEqualTo("East");
    assertThat(node(status, "left").get("status").asString()).isEqualTo("running");
  }

  @Test
  void aHostIsLimitedAndCleaned() throws Exception {
    JsonNode free = program.run("limit", "local:", "--json").expect(0).json();
    assertThat(free.get("memory").isNull()).isTrue();
    assertThat(free.get("memoryTaken").asLong()).isEqualTo(2 * (64L << 20));
    program.run("limit", "local:", "--memory", "100MiB", "--disk", "10GiB").expect(0);
    program.run("stop", "pair", "--grace", "0").expect(0);
    program.run("start", "pair", "left").expect(0);
    assertThat(program.run("start", "pair", "right").expect(1).errors()).contains("has 36 of 100 MiB left");
    assertThat(program.run("limit", "local:").expect(0).text()).contains("64 MiB", "100 MiB", "10 GiB");
    program.run("limit", "local:", "--none").expect(0);

    assertThat(program.run("clean", "--days", "0").expect(1).errors()).contains("Nothing was deleted", "--yes");
    JsonNode cleaned = program.run("clean", "--days", "0", "--yes", "--json").expect(0).json().get("hosts").get(0);
    assertThat(cleaned.get("vms").size()).isEqualTo(1);
    assertThat(cleaned.get("vms").get(0).get("name").asString()).isEqualTo("right");
    // what runs stays, and what runs needs
    JsonNode status = program.run("status", "--json", "pair").expect(0).json();
    assertThat(node(status, "left").get("status").asString()).isEqualTo("running");
    assertThat(program.run("clean", "--days", "0").expect(0).text()).contains("There is nothing to clean.");
  }

  @Test
  void machinesStopAndStartAgainWithTheirDisks() throws Exception {
    program.run("exec", "pair", "left", "--", "sh", "-c", "echo kept > /root/kept; sync").expect(0);
    JsonNode stopped = program.run("stop", "--json", "pair", "left").expect(0).json();
    assertThat(node(stopped, "left").get("status").asString()).isEqualTo("stopped");
    assertThat(node(stopped, "right").get("status").asString()).isEqualTo("running");
    assertThat(program.run("exec", "pair", "left", "--", "true").status()).isNotZero();
    program.run("start", "pair", "left").expect(0);
    assertThat(program.run("exec", "pair", "left", "--", "cat", "/root/kept").expect(0).text())
        .isEqualTo("kept\n");
  }

  @Test
  void aConsoleTakesKeysAndIsLeftByItsEscape() throws Exception {
    Process console = program.startOnTerminal("console", "pair", "left");
    try {
      StringBuilder screen = new StringBuilder();
      Thread reader = Thread.ofVirtual().start(() -> read(console.getInputStream(), screen));
      await("the prompt", () -> type(console, "\r") && text(screen).contains("root@left"));
      type(console, "echo $((6*7))-$(stty size | tr ' ' x)\r");
      await("the answer", () -> text(screen).contains("42-33x99"));
      type(console, "\r~.");
      assertThat(console.waitFor(30, TimeUnit.SECONDS)).isTrue();
      reader.join();
      assertThat(console.exitValue()).as(text(screen)).isZero();
    } finally {
      console.destroyForcibly();
    }
  }

  @Test
  void destroyLeavesNothingBehind() throws Exception {
    assertThat(program.run("destroy", "pair").expect(1).errors()).contains("--yes");
    program.run("destroy", "--yes", "pair").expect(0);
    assertThat(program.run("status", "--json").expect(0).json().get("labs").size()).isZero();
    assertThat(Leftovers.processesIn(home)).isEmpty();
    assertThat(program.run("status", "pair").expect(1).errors())
        .contains("neither a file nor a lab called \"pair\"");
  }

  @Test
  void namesThatDoNotExistAreToldWithThoseThatDo() throws Exception {
    assertThat(program.run("migrate", "pair", "left", "Mars").expect(1).errors())
        .contains("no region \"Mars\"")
        .contains("West, East");
    assertThat(program.run("start", "pair", "ghost").expect(1).errors())
        .contains("no node \"ghost\"")
        .contains("left, right");
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private static void await(String what, Condition condition)
      throws InterruptedException, IOException {
    long end = System.nanoTime() + 60_000_000_000L;
    while (!condition.holds()) {
      assertThat(System.nanoTime()).as("waiting for " + what).isLessThan(end);
      Thread.sleep(200);
    }
  }

  private static boolean type(Process console, String keys) throws IOException {
    console.getOutputStream().write(keys.getBytes(StandardCharsets.UTF_8));
    console.getOutputStream().flush();
    return true;
  }

  private static String text(StringBuilder screen) {
    synchronized (screen) {
      return screen.toString();
    }
  }

  private static void read(InputStream from, StringBuilder to) {
    byte[] buffer = new byte[4096];
    try {
      for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
        synchronized (to) {
          to.append(new String(buffer, 0, count, StandardCharsets.UTF_8));
        }
      }
    } catch (IOException e) {
      // the terminal closed
      return;
    }
  }
}
