// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.document;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.TopologyFormatException;
import org.mobitopolo.topology.TopologyJson;

/**
 * Copies of topologies with unsaved changes, so that a crash costs nothing. For each lab two files
 * in a folder: the topology, and beside it who wrote it and which file it belongs to. A copy whose
 * writer no longer lives was left by a crash. Does I/O; not for the FX thread.
 */
public final class Autosave {
  private static final String TOPOLOGY = ".topology.json";
  private static final String ORIGIN = ".origin.properties";

  /**
   * A copy that a crash left.
   *
   * @param file the file it was opened from, if any
   */
  public record Left(Topology topology, Optional<Path> file) {}

  private final Path folder;

  public Autosave(Path stateFolder) {
    folder = stateFolder.resolve("autosave");
  }

  /** Writes or replaces the copy of a lab. */
  public void keep(Topology topology, Optional<Path> file) throws IOException {
    Files.createDirectories(folder);
    Properties origin = new Properties();
    origin.setProperty("pid", String.valueOf(ProcessHandle.current().pid()));
    ProcessHandle.current()
        .info()
        .startInstant()
        .ifPresent(start -> origin.setProperty("started", start.toString()));
    file.ifPresent(path -> origin.setProperty("file", path.toAbsolutePath().toString()));
    try (Writer writer = Files.newBufferedWriter(folder.resolve(topology.id() + ORIGIN))) {
      origin.store(writer, null);
    }
    TopologyJson.write(topology, folder.resolve(topology.id() + TOPOLOGY));
  }

  /** Removes the copy of a lab, as after saving it. */
  public void forget(String lab) throws IOException {
    Files.deleteIfExists(folder.resolve(lab + TOPOLOGY));
    Files.deleteIfExists(folder.resolve(lab + ORIGIN));
  }

  /** The copies that crashes left. */
  public List<Left> left() throws IOException {
    List<Left> all = new ArrayList<>();
    if (!Files.isDirectory(folder)) {
      return all;
    }
    List<Path> origins;
    try (Stream<Path> files = Files.list(folder)) {
      origins =
          files.filter(file -> file.getFileName().toString().endsWith(ORIGIN)).sorted().toList();
    }
    for (Path path : origins) {
      Properties origin = new Properties();
      try (Reader reader = Files.newBufferedReader(path)) {
        origin.load(reader);
      }
      String lab = path.getFileName().toString().replace(ORIGIN, "");
      Path copy = folder.resolve(lab + TOPOLOGY);
      if (!writerLives(origin) && Files.exists(copy)) {
        try {
          all.add(
              new Left(
                  TopologyJson.read(copy),
                  Optional.ofNullable(origin.getProperty("file")).map(Path::of)));
        } catch (TopologyFormatException e) {
          // The crash came while it was written; there is nothing to recover from it.
          forget(lab);
        }
      }
    }
    return all;
  }

  private static boolean writerLives(Properties origin) {
    String pid = origin.getProperty("pid", "0");
    String started = origin.getProperty("started", "");
    return pid.matches("\\d{1,18}")
        && ProcessHandle.of(Long.parseLong(pid))
            .filter(ProcessHandle::isAlive)
            .filter(
                process ->
                    process
                        .info()
                        .startInstant()
                        .map(start -> start.toString().equals(started))
                        .orElse(true))
            .isPresent();
  }
}
