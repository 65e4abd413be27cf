// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobitopolo.app.Installation;
import org.mobitopolo.app.UserFolders;
import org.mobitopolo.app.bench.BenchCommand;
import org.mobitopolo.topology.TopologyJson;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the command line says and returns where no host is needed. */
class CommandLineProgramTest {

  @TempDir Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final List<Optional<Path>> opened = new ArrayList<>();

  private int run(Map<String, String> environment, String... arguments) {
    Surroundings surroundings =
        new Surroundings(
            new Installation(folder),
            new UserFolders(folder, folder.resolve("state"), folder.resolve("data"), folder.resolve("cache")),
            environment,
            new Terminal(),
            InputStream.nullInputStream(),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            lab -> {
              opened.add(lab);
              return 7;
            });
    return new CommandLineProgram(surroundings, BenchCommand.in(surroundings, _ -> null)).run(arguments);
  }

  private int run(String... arguments) {
    return run(Map.of(), arguments);
  }

  private String said() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String complained() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "apply", "status", "start", "stop", "migrate", "console", "exec", "destroy", "hosts", "doctor", "limit", "clean", "import", "export",
        "demo", "sample", "open", "version", "bench"
      })
  void everyCommandExplainsItself(String command) {
    assertThat(run(command, "--help")).isZero();
    assertThat(said()).startsWith("Usage: mobitopolo " + command).contains("--help");
    assertThat(complained()).isEmpty();
  }

  @Test
  void aFileAloneIsOpened() throws IOException {
    Path lab = Files.writeString(folder.resolve("lab.json"), "{}");
    assertThat(run(Map.of("DISPLAY", ":9"), lab.toString())).isEqualTo(7);
    assertThat(opened).containsExactly(Optional.of(lab));
    assertThat(run(Map.of("DISPLAY", ":9"), lab + "x")).isEqualTo(2);
    assertThat(opened).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"help", "--help", "-h"})
  void helpListsAllCommands(String word) {
    assertThat(run(word)).isZero();
    assertThat(complained()).isEmpty();
    assertThat(said()).contains("apply", "status", "migrate", "destroy", "demo", "130 after ^C");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense",
        "apply",
        "exec lab node",
        "migrate lab node",
        "stop lab --grace soon",
        "demo --plot",
        "bench",
        "bench boot --count 0",
        "bench migrate --network soon"
      })
  void aWrongCommandLineIsStatus2(String line) {
    assertThat(run(line.split(" "))).isEqualTo(2);
    assertThat(complained()).isNotEmpty();
    assertThat(said()).isEmpty();
  }

  @Test
  void aMissingFileIsToldByItsName() {
    assertThat(run("apply", folder.resolve("none.json").toString())).isEqualTo(1);
    assertThat(complained())
        .isEqualTo("mobitopolo: " + folder.resolve("none.json") + ": there is no such file.\n");
  }

  @Test
  void allErrorsOfATopologyAreTold() throws Exception {
    Path file = folder.resolve("lab.json");
    Files.writeString(
        file,
        """
        {"format":"mobitopolo-topology","version":1,"id":"lab","name":"Lab","nodes":[
          {"id":"a","name":"my node","kind":"vm","x":0,"y":0},
          {"id":"b","name":"b","kind":"vm","region":"mars","x":0,"y":0}]}
        """);
    assertThat(run("apply", file.toString())).isEqualTo(1);
    assertThat(complained())
        .contains("\"my node\" can't name a node")
        .contains("\"mars\"")
        .contains("nothing was changed");
  }

  @Test
  void failuresCanBeJson() {
    assertThat(run("apply", "--json", folder.resolve("none.json").toString())).isEqualTo(1);
    assertThat(said())
        .startsWith("{\"error\":{\"message\":\"")
        .endsWith("there is no such file.\"}}\n");
    assertThat(complained()).isEmpty();
  }

  @Test
  void versionTellsWhatRuns() {
    assertThat(run("version", "--json")).isZero();
    assertThat(said()).contains("\"version\":").contains("\"java\":\"" + Runtime.version());
  }

  @Test
  void withADisplayTheWindowOpens() {
    Map<String, String> display = Map.of("DISPLAY", ":1");
    assertThat(run(display)).isEqualTo(7);
    assertThat(run(display, "open", "x.json")).isEqualTo(7);
    assertThat(run(display, "sample")).isEqualTo(7);
    assertThat(opened)
        .containsExactly(
            Optional.empty(),
            Optional.of(Path.of("x.json")),
            Optional.of(folder.resolve("samples/decoupled-file-server.json")));
  }

  @Test
  void withoutADisplayTheWindowSaysSo() {
    assertThat(run()).isEqualTo(1);
    assertThat(run("open")).isEqualTo(1);
    assertThat(opened).isEmpty();
    assertThat(complained()).contains("no display").contains("DISPLAY");
  }

  @Test
  void consoleAndDestroyDoNotGuessWithoutATerminal() {
    assertThat(run("console", "lab", "node")).isEqualTo(1);
    assertThat(complained()).contains("needs a terminal");
  }

  @Test
  void thePlotsFolderIsCheckedBeforeAnythingStarts() {
    assertThat(run("demo", "--plot", folder.resolve("none/plot.svg").toString())).isEqualTo(1);
    assertThat(complained()).contains("folder does not exist").contains("Nothing was started");
  }

  @Test
  void aLabOfContainerlabIsImportedAndItsExportReadsBack() throws Exception {
    Path source = Path.of("../backend/src/test/resources/interchange/containerlab/web.clab.yml");
    Path lab = folder.resolve("web.json");
    assertThat(run("import", source.toString(), "-o", lab.toString())).isZero();
    assertThat(said())
        .contains("4 nodes, 3 links, from containerlab", "Left out:", "no node nowhere:eth1");
    assertThat(TopologyJson.read(lab).nodeNamed("client")).isPresent();
    assertThat(run("import", source.toString(), "-o", lab.toString())).isEqualTo(1);
    assertThat(complained()).contains("exists", "--force");
    Path back = folder.resolve("back.clab.yml");
    assertThat(run("export", lab.toString(), "-o", back.toString())).isZero();
    out.reset();
    Path again = folder.resolve("again.json");
    assertThat(run("import", "--json", back.toString(), "-o", again.toString())).isZero();
    JsonNode report = JsonMapper.shared().readTree(said());
    assertThat(report.get("nodes").asInt()).isEqualTo(3);
    assertThat(report.get("findings").isEmpty()).isFalse();
  }

  @Test
  void aFileThatIsNoLabIsRefusedWithASentence() throws Exception {
    Path file = Files.writeString(folder.resolve("x.yml"), "a: 1\n");
    assertThat(run("import", file.toString(), "-o", folder.resolve("x.json").toString())).isEqualTo(1);
    assertThat(complained()).contains("x.yml is no lab of containerlab");
    assertThat(folder.resolve("x.json")).doesNotExist();
    assertThat(run("import", "--format", "nothing", file.toString(), "-o", "/nowhere/x")).isEqualTo(1);
    assertThat(complained()).contains("\"nothing\" is not a format", "kathara");
  }

  @Test
  void samplesAreListedOpenedAndWritten() throws Exception {
    Path samples = Files.createDirectory(folder.resolve("samples"));
    try (Stream<Path> files = Files.list(Path.of("src/main/samples"))) {
      for (Path file : files.toList()) {
        Files.copy(file, samples.resolve(file.getFileName()));
      }
    }
    assertThat(run("sample", "--list")).isZero();
    assertThat(said().lines().skip(1))
        .first(InstanceOfAssertFactories.STRING)
        .startsWith("decoupled-file-server");
    assertThat(said()).contains("three-tier-web", "wan-triangle", "ipv6-ring");
    Path lab = folder.resolve("lab.json");
    assertThat(run("sample", "wan-triangle", "-o", lab.toString())).isZero();
    assertThat(lab).hasSameTextualContentAs(samples.resolve("wan-triangle.json"));
    assertThat(run("sample", "wan-triangle", "-o", lab.toString())).isEqualTo(1);
    assertThat(run(Map.of("DISPLAY", ":9"), "sample", "ipv6-ring")).isEqualTo(7);
    assertThat(opened).containsExactly(Optional.of(samples.resolve("ipv6-ring.json")));
    assertThat(run("sample", "nothing")).isEqualTo(1);
    assertThat(complained()).contains("There is no sample \"nothing\". There are: decoupled-file-server,");
  }
}
