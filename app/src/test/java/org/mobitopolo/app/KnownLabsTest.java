// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;

class KnownLabsTest {

  @TempDir Path folder;

  private KnownLabs labs() {
    return new KnownLabs(folder.resolve("state/labs.json"));
  }

  private static Topology lab(String id, String... hosts) {
    List<Region> regions = new ArrayList<>();
    for (String host : hosts) {
      regions.add(
          new Region(
              "r" + regions.size(),
              "R" + regions.size(),
              HostUrl.parse(host),
              new Bounds(0, 0, 9, 9),
              "blue"));
    }
    return Topology.empty(id, "Lab " + id).withRegions(regions);
  }

  @Test
  void whatIsRememberedIsFoundByTheNextProgramTheLatestFirst() {
    labs().remember(lab("a", "ssh://one"), Optional.of(Path.of("/x/a.json")));
    labs().remember(lab("b", "local:"), Optional.empty());
    assertThat(labs().entries()).extracting(KnownLabs.Entry::id).containsExactly("b", "a");
    assertThat(labs().entries().getLast().file()).contains(Path.of("/x/a.json"));
    assertThat(labs().hosts()).containsExactly(HostUrl.LOCAL, HostUrl.parse("ssh://one"));
  }

  @Test
  void hostsThatALabHasLeftAreStillAsked() {
    labs().remember(lab("a", "ssh://one"), Optional.of(Path.of("/x/a.json")));
    labs().remember(lab("a", "ssh://two"), Optional.empty());
    KnownLabs.Entry entry = labs().entries().getFirst();
    assertThat(entry.hosts())
        .containsExactlyInAnyOrder(HostUrl.parse("ssh://one"), HostUrl.parse("ssh://two"));
    assertThat(entry.file()).contains(Path.of("/x/a.json"));
  }

  @Test
  void aForgottenLabIsGone() {
    labs().remember(lab("a", "ssh://one"), Optional.empty());
    labs().forget("a");
    assertThat(labs().entries()).isEmpty();
    assertThat(labs().hosts()).containsExactly(HostUrl.LOCAL);
  }

  @Test
  void aDamagedFileCountsAsEmptyAndIsReplaced() throws Exception {
    Path file = Files.createDirectories(folder.resolve("state")).resolve("labs.json");
    for (String damage :
        List.of(
            "",
            "{",
            "[]",
            "{\"version\":1}",
            "{\"version\":1,\"labs\":[{\"id\":\"x\",\"hosts\":[\"nonsense\"]}]}")) {
      Files.writeString(file, damage);
      assertThat(labs().entries()).as(damage).isEmpty();
    }
    labs().remember(lab("a"), Optional.empty());
    assertThat(labs().entries()).hasSize(1);
  }

  @Test
  void programsThatWriteAtOnceLoseNothing() throws Exception {
    List<Process> programs = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      programs.add(
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin/java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  Writer.class.getName(),
                  folder.resolve("state/labs.json").toString(),
                  "p" + i)
              .inheritIO()
              .start());
    }
    for (Process program : programs) {
      assertThat(program.waitFor()).isZero();
    }
    assertThat(labs().entries()).hasSize(30);
  }

  /** A program that remembers ten labs. */
  static final class Writer {

    private Writer() {}

    public static void main(String[] arguments) {
      for (int i = 0; i < 10; i++) {
        new KnownLabs(Path.of(arguments[0]))
            .remember(lab(arguments[1] + "-" + i), Optional.empty());
      }
    }
  }

  @Test
  void aFolderThatCanNotBeWrittenIsToldInASentence() throws Exception {
    Path blocked = Files.writeString(folder.resolve("file"), "");
    assertThatThrownBy(
            () -> new KnownLabs(blocked.resolve("labs.json")).remember(lab("a"), Optional.empty()))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("can't be written")
        .hasMessageEndingWith(".");
  }
}
