// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mobitopolo.host.Agent;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.task.LabException;
import org.mobitopolo.topology.HostUrl;
import tools.jackson.databind.JsonNode;

/** The snapshots of a lab that its hosts keep. All methods wait for the hosts and fail if one does not answer. */
public final class StoredSnapshots {
  private static final int AT_ONCE = 16;

  private final Hosts hosts;
  private final List<HostUrl> urls;
  private final String lab;

  /**
   * Asks nobody yet.
   *
   * @param urls the hosts of the lab
   * @param lab its id
   */
  public StoredSnapshots(Hosts hosts, Collection<HostUrl> urls, String lab) {
    this.hosts = hosts;
    this.urls = List.copyOf(urls);
    this.lab = lab;
  }

  /**
   * A snapshot.
   *
   * @param id 16 hexadecimal digits
   * @param label what the user calls it; may be empty
   * @param automatic whether it was taken because its time had come
   * @param cutAt when its first VM was cut, by that host's clock
   * @param complete whether all its parts are; one that is being made is not
   * @param machines names of its VMs
   * @param bytes that it takes on the hosts
   */
  public record Stored(
      String id, String label, boolean automatic, Instant cutAt, boolean complete, List<String> machines, List<HostUrl> where, long bytes) {}

  private record Entry(String snapshot, String label, boolean automatic, Part part, boolean complete, long cutUs, long bytes) {}

  private List<Entry> entries() throws InterruptedException {
    List<List<Entry>> found = new Together(AT_ONCE).all(urls.stream().distinct().map(url -> (Together.Step<List<Entry>>) () -> entries(url)).toList());
    return found.stream().flatMap(List::stream).toList();
  }

  private List<Entry> entries(HostUrl url) throws InterruptedException {
    Agent agent = hosts.host(url).agent();
    List<Entry> found = new ArrayList<>();
    for (JsonNode entry : agent.call("snapshot.list", agent.params()).path("snapshots").values()) {
      if (entry.path("lab").asString("").equals(lab)) {
        Part part = new Part(entry.path("node").asString(""), entry.path("name").asString(""), agent, entry.path("instance").asString(""));
        found.add(
            new Entry(
                entry.path("snapshot").asString(""),
                entry.path("label").asString(""),
                entry.path("automatic").asBoolean(false),
                part,
                entry.path("complete").asBoolean(false),
                entry.path("cutUs").asLong(0),
                entry.path("bytes").asLong(0)));
      }
    }
    return found;
  }

  /** All snapshots, the oldest first. */
  public List<Stored> list() throws InterruptedException {
    Map<String, List<Entry>> bySnapshot = new LinkedHashMap<>();
    entries().forEach(entry -> bySnapshot.computeIfAbsent(entry.snapshot(), id -> new ArrayList<>()).add(entry));
    return bySnapshot.entrySet().stream().map(each -> stored(each.getKey(), each.getValue())).sorted(Comparator.comparing(Stored::cutAt)).toList();
  }

  private static Stored stored(String id, List<Entry> entries) {
    return new Stored(
        id,
        entries.stream().map(Entry::label).filter(label -> !label.isEmpty()).findFirst().orElse(""),
        entries.stream().anyMatch(Entry::automatic),
        cutAt(entries),
        entries.stream().allMatch(Entry::complete),
        entries.stream().map(entry -> entry.part().name()).sorted().toList(),
        entries.stream().map(entry -> entry.part().agent().url()).distinct().toList(),
        entries.stream().mapToLong(Entry::bytes).sum());
  }

  private static Instant cutAt(List<Entry> entries) {
    return Instant.ofEpochMilli(entries.stream().mapToLong(Entry::cutUs).min().orElse(0) / 1000);
  }

  /** What a bundle is made of. */
  record Parts(Instant cutAt, List<Part> parts) {}

  /**
   * The parts of a complete snapshot.
   *
   * @throws LabException.NotPossible if there is none of that id
   */
  Parts parts(String snapshot) throws InterruptedException {
    List<Entry> entries = require(snapshot);
    if (!entries.stream().allMatch(Entry::complete)) {
      throw new LabException.NotPossible("The snapshot " + snapshot + " is not complete.", "", "Wait until it is taken, or delete it.");
    }
    return new Parts(cutAt(entries), entries.stream().map(Entry::part).toList());
  }

  private List<Agent> agents(String snapshot) throws InterruptedException {
    return require(snapshot).stream().map(entry -> entry.part().agent()).distinct().toList();
  }

  /** What is said about a snapshot, with its picture. */
  public SnapshotNote note(String snapshot) throws InterruptedException {
    return SnapshotNote.read(agents(snapshot).getFirst(), snapshot);
  }

  /** Gives a snapshot another name, on all its hosts. */
  public void rename(String snapshot, String label) throws InterruptedException {
    for (Agent agent : agents(snapshot)) {
      SnapshotNote.read(agent, snapshot).withLabel(label).keep(agent, snapshot);
    }
  }

  /** Removes a snapshot from all its hosts. */
  public void delete(String snapshot) throws InterruptedException {
    for (Agent agent : agents(snapshot)) {
      agent.call("snapshot.delete", agent.params().put("snapshot", snapshot));
    }
  }

  private List<Entry> require(String snapshot) throws InterruptedException {
    List<Entry> found = entries().stream().filter(entry -> entry.snapshot().equals(snapshot)).toList();
    if (found.isEmpty()) {
      throw new LabException.NotPossible("The hosts keep no snapshot " + snapshot + " of this lab.", "", "See \"mobitopolo snapshots\" for those there are.");
    }
    return found;
  }
}
