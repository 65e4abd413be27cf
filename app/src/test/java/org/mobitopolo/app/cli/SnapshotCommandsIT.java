// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.TopologyJson;
import tools.jackson.databind.JsonNode;

/** Snapshots, restoring and copies as a user types them, with real virtual machines on this computer. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@Tag("long")
class SnapshotCommandsIT extends InNewHome {

  private Path bundle;

  @BeforeEach
  void applyALab() throws Exception {
    Path file = home.resolve("lab.json");
    bundle = home.resolve("it's a lab.mobitopolo");
    TopologyJson.write(TestLabs.pair("pair", HostUrl.LOCAL, HostUrl.LOCAL), file);
    program.run("apply", file.toString()).expect(0);
  }

  @Test
  void aLabIsSavedShownRestoredBesideItselfAndRolledBack() throws Exception {
    program.run("exec", "pair", "left", "--", "sh", "-c", "echo first > /tmp/word").expect(0);
    JsonNode saved = program.run("snapshot", "--json", "pair", bundle.toString()).expect(0).json();
    assertThat(saved.get("fileBytes").asLong()).isEqualTo(Files.size(bundle));
    assertThat(saved.get("vms").size()).isEqualTo(2);
    assertThat(saved.get("longestDowntimeMs").asDouble()).isPositive();
    Program.Outcome again = program.run("snapshot", "pair", bundle.toString());
    again.expect(1);
    assertThat(again.errors()).contains("exists").contains("--force");

    assertThat(program.run("restore", "--show", bundle.toString()).expect(0).text()).contains("Lab pair", "left", "West");
    Program.Outcome refused = program.run("restore", bundle.toString());
    refused.expect(1);
    assertThat(refused.errors()).contains("holds VMs of the lab").contains("--as-new").contains("--replace");

    JsonNode second = program.run("restore", "--json", "--as-new", "--name", "Second", bundle.toString()).expect(0).json();
    assertThat(second.get("name").asString()).isEqualTo("Second");
    assertThat(second.get("nodes").get(0).get("status").asString()).isEqualTo("running");
    program.run("exec", "Second", "left", "--", "ping", "-c", "2", "10.0.0.2").expect(0);

    program.run("exec", "pair", "left", "--", "sh", "-c", "echo later > /tmp/word").expect(0);
    program.run("restore", "--replace", bundle.toString()).expect(0);
    assertThat(program.run("exec", "pair", "left", "--", "cat", "/tmp/word").expect(0).text()).isEqualTo("first\n");
    program.run("exec", "pair", "left", "--", "ping", "-c", "2", "10.0.0.2").expect(0);
    assertThat(program.run("status").expect(0).text()).contains("Second", "Lab pair");
    program.run("destroy", "-y", "Second").expect(0);
  }

  @Test
  void hostsKeepSnapshots() throws Exception {
    program.run("exec", "pair", "left", "--", "sh", "-c", "echo first > /tmp/word").expect(0);
    String id = program.run("snapshot", "--json", "--name", "My first", "pair").expect(0).json().get("snapshot").asString();
    JsonNode listed = program.run("snapshots", "--json", "pair").expect(0).json().get("snapshots");
    assertThat(listed.size()).isEqualTo(1);
    assertThat(listed.get(0).get("snapshot").asString()).isEqualTo(id);
    assertThat(listed.get(0).get("name").asString()).isEqualTo("My first");
    assertThat(program.run("snapshots", "pair").expect(0).text()).contains(id, "My first", "left, right");
    program.run("exec", "pair", "left", "--", "sh", "-c", "echo later > /tmp/word").expect(0);
    program.run("snapshots", "pair", "--restore", "my first").expect(0);
    assertThat(program.run("exec", "pair", "left", "--", "cat", "/tmp/word").expect(0).text()).isEqualTo("first\n");
    program.run("exec", "pair", "left", "--", "ping", "-c", "2", "10.0.0.2").expect(0);
    program.run("snapshots", "pair", "--rename", id.substring(0, 5), "Other").expect(0);
    assertThat(program.run("snapshots", "pair").expect(0).text()).contains("Other").doesNotContain("My first");
    assertThat(program.run("snapshots", "pair", "--restore", "no such").expect(1).errors()).contains("keep no snapshot \"no such\"");
    assertThat(program.run("snapshot", "pair", "--every", "soon").errors()).contains("is no time");
    program.run("snapshots", "pair", "--export", id, bundle.toString()).expect(0);
    program.run("snapshots", "pair", "--delete", id).expect(0);
    assertThat(program.run("snapshots", "pair").expect(0).text()).contains("keep no snapshots");
    program.run("snapshots", "pair", "--delete", id).expect(1);
    program.run("destroy", "-y", "pair").expect(0);
    program.run("restore", bundle.toString()).expect(0);
    program.run("exec", "pair", "right", "--", "ping", "-c", "2", "10.0.0.1").expect(0);
  }

  @Test
  void anExperimentRunsInCopiesAndLeavesNothingBehind() throws Exception {
    Path script = Files.writeString(home.resolve("measure.sh"), "echo product=$((rate * 10)); ping -c 1 -W 5 10.0.0.1\n");
    Path results = home.resolve("results.csv");
    program
        .run("replicate", "pair", "--param", "rate=1,2,4", "--run", "right:" + script, "--collect", results.toString())
        .expect(0);
    List<String> lines = Files.readAllLines(results);
    assertThat(lines).hasSize(4);
    assertThat(lines.getFirst()).isEqualTo("copy,rate,status,seconds,product");
    assertThat(lines.get(3)).startsWith("3,4,0,").endsWith(",40");
    JsonNode labs = program.run("status", "--json").expect(0).json().get("labs");
    assertThat(labs.size()).isEqualTo(1);
    assertThat(program.run("replicate", "pair", "--collect", "x.csv").errors()).contains("--collect");
    assertThat(program.run("replicate", "pair", "--param", "1x=2").errors()).contains("no name for a parameter");
  }

  @Test
  void aDamagedBundleIsRefusedWithASentence() throws Exception {
    program.run("snapshot", "pair", bundle.toString()).expect(0);
    byte[] bytes = Files.readAllBytes(bundle);
    bytes[bytes.length / 2] ^= 1;
    Files.write(bundle, bytes);
    Program.Outcome refused = program.run("restore", "--as-new", bundle.toString());
    refused.expect(1);
    assertThat(refused.errors()).contains("is damaged").contains("Nothing was changed");
    assertThat(program.run("restore", home.resolve("none").toString()).errors()).contains("There is no file");
  }
}
