// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Remembers which labs this account has worked with, and on which hosts to look for them. The hosts hold the truth; this only says whom
 * to ask. Several programs may use the file at once: each change reads, changes and replaces it under a lock.
 */
public final class KnownLabs {

  private static final int MOST = 200;
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  /**
   * One lab.
   *
   * @param hosts where its regions have ever been, in written form
   * @param file where its topology was read from, if from a file
   * @param lastUsed when it was worked with last
   */
  public record Entry(String id, String name, List<HostUrl> hosts, Optional<Path> file, Instant lastUsed) {

    public Entry {
      hosts = List.copyOf(hosts);
    }
  }

  /** The file's form. */
  record Stored(int version, List<StoredLab> labs) {}

  /** One lab in the file. */
  record StoredLab(String id, String name, List<String> hosts, String file, String lastUsed) {}

  private final Path file;

  public KnownLabs(Path file) {
    this.file = file;
  }

  /** All labs, the last used first. A file that can't be understood counts as empty: nothing in it is irreplaceable. */
  public List<Entry> entries() {
    try {
      Stored stored = MAPPER.readValue(Files.readString(file), Stored.class);
      return stored.labs() == null ? List.of() : stored.labs().stream().flatMap(lab -> entry(lab).stream()).toList();
    } catch (IOException | JacksonException e) {
      return List.of();
    }
  }

  private static Optional<Entry> entry(StoredLab lab) {
    try {
      return Optional.of(
          new Entry(
              lab.id(),
              lab.name(),
              lab.hosts().stream().map(HostUrl::parse).toList(),
              Optional.ofNullable(lab.file()).map(Path::of),
              Instant.parse(lab.lastUsed())));
    } catch (RuntimeException e) {
      return Optional.empty();
    }
  }

  /** This computer and all hosts of labs seen before: whom to ask for running labs. */
  public Set<HostUrl> hosts() {
    Set<HostUrl> hosts = new LinkedHashSet<>(List.of(HostUrl.LOCAL));
    entries().forEach(entry -> hosts.addAll(entry.hosts()));
    return hosts;
  }

  /**
   * Notes that this lab was worked with just now.
   *
   * @param source the file it was read from, if from a file
   * @throws UncheckedIOException if the file can't be written
   */
  public void remember(Topology topology, Optional<Path> source) {
    change(
        entries -> {
          Optional<Entry> old = entries.stream().filter(entry -> entry.id().equals(topology.id())).findFirst();
          Set<HostUrl> hosts = new LinkedHashSet<>();
          topology.regions().stream().map(Region::host).forEach(hosts::add);
          old.ifPresent(entry -> hosts.addAll(entry.hosts()));
          List<Entry> result = new ArrayList<>(entries);
          old.ifPresent(result::remove);
          Optional<Path> path = source.map(Path::toAbsolutePath).or(() -> old.flatMap(Entry::file));
          result.addFirst(new Entry(topology.id(), topology.name(), List.copyOf(hosts), path, Instant.now()));
          return result;
        });
  }

  /** Forgets a lab that was destroyed; its file stays. */
  public void forget(String labId) {
    change(entries -> entries.stream().filter(entry -> !entry.id().equals(labId)).toList());
  }

  private void change(UnaryOperator<List<Entry>> change) {
    try {
      Files.createDirectories(file.getParent());
      Path lockFile = file.resolveSibling(file.getFileName() + ".lock");
      try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock _ = channel.lock()) {
        List<StoredLab> labs = change.apply(entries()).stream().limit(MOST).map(KnownLabs::stored).toList();
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(fresh, MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(new Stored(1, labs)) + "\n");
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("The list of known labs, " + file + ", can't be written: " + e.getMessage() + ".", e);
    }
  }

  private static StoredLab stored(Entry entry) {
    return new StoredLab(
        entry.id(),
        entry.name(),
        entry.hosts().stream().map(HostUrl::toString).toList(),
        entry.file().map(Path::toString).orElse(null),
        entry.lastUsed().toString());
  }
}
