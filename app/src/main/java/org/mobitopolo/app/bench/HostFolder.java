// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the agent keeps in a host folder of this computer (protocols.md section 4): looked at from outside, past the agent. */
record HostFolder(Path folder) {
  private static final JsonMapper JSON = JsonMapper.shared();

  /**
   * A node's incarnation.
   *
   * @param state as its record has it
   * @param supervisor process number of the last one
   */
  record Copy(String instance, String state, long supervisor) {
    boolean supervised() {
      return ProcessHandle.of(supervisor)
          .flatMap(process -> process.info().commandLine())
          .filter(line -> line.contains(instance))
          .isPresent();
    }
  }

  /** All incarnations of a node that are here now. */
  List<Copy> copies(String node) throws IOException {
    List<Copy> found = new ArrayList<>();
    Path vms = folder.resolve("vms");
    if (!Files.isDirectory(vms)) {
      return found;
    }
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(vms, "[0-9a-f]*")) {
      for (Path vm : folders) {
        Optional<JsonNode> config = read(vm.resolve("config.json"));
        Optional<JsonNode> record = read(vm.resolve("state.json"));
        if (config.isPresent() && record.isPresent() && config.get().path("node").asString("").equals(node)) {
          found.add(
              new Copy(
                  vm.getFileName().toString(),
                  record.get().path("state").asString(""),
                  record.get().path("supervisor").asLong(0)));
        }
      }
    }
    return found;
  }

  private static Optional<JsonNode> read(Path file) throws IOException {
    try {
      return Optional.of(JSON.readTree(Files.readAllBytes(file)));
    } catch (NoSuchFileException e) {
      // it goes while we look
      return Optional.empty();
    }
  }
}
