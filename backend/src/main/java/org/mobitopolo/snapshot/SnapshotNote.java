// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import java.util.Base64;
import java.util.Optional;
import org.mobitopolo.host.Agent;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.TopologyFormatException;
import org.mobitopolo.topology.TopologyJson;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What hosts keep beside the parts of a snapshot.
 *
 * @param label what the user calls it; may be empty
 * @param automatic whether it was taken because its time had come; such ones give way to later ones
 * @param topology of the lab when it was cut; empty for snapshots of older versions
 * @param thumbnail picture of the lab, PNG
 */
public record SnapshotNote(String label, boolean automatic, Optional<Topology> topology, Optional<byte[]> thumbnail) {
  /** Agents take one line of a megabyte. */
  private static final int LARGEST_THUMBNAIL = 256 << 10;

  private static final int LONGEST_LABEL = 200;

  /** Without a picture that is too large to be kept. */
  public SnapshotNote {
    label = label.strip().replaceAll("\\p{Cntrl}+", " ");
    label = label.length() > LONGEST_LABEL ? label.substring(0, LONGEST_LABEL) : label;
    thumbnail = thumbnail.filter(png -> png.length <= LARGEST_THUMBNAIL);
  }

  /** One that was asked for and has no picture. */
  public static SnapshotNote labelled(String label) {
    return new SnapshotNote(label, false, Optional.empty(), Optional.empty());
  }

  SnapshotNote of(Topology cut) {
    return new SnapshotNote(label, automatic, Optional.of(cut), thumbnail);
  }

  /** The same under another name. */
  public SnapshotNote withLabel(String newLabel) {
    return new SnapshotNote(newLabel, automatic, topology, thumbnail);
  }

  void keep(Agent agent, String snapshot) throws InterruptedException {
    ObjectNode note = agent.params().put("label", label).put("automatic", automatic);
    topology.ifPresent(cut -> note.set("topology", JsonMapper.shared().readTree(TopologyJson.writeLine(cut))));
    thumbnail.ifPresent(png -> note.put("thumbnail", Base64.getEncoder().encodeToString(png)));
    ObjectNode params = agent.params().put("snapshot", snapshot);
    params.set("note", note);
    agent.call("snapshot.note", params);
  }

  /** As the host keeps it; what makes no sense is left out. */
  static SnapshotNote read(Agent agent, String snapshot) throws InterruptedException {
    JsonNode note = agent.call("snapshot.noted", agent.params().put("snapshot", snapshot)).path("note");
    return new SnapshotNote(note.path("label").asString(""), note.path("automatic").asBoolean(false), topology(note.path("topology")), picture(note));
  }

  private static Optional<Topology> topology(JsonNode json) {
    try {
      return json.isObject() ? Optional.of(TopologyJson.read(json.toString(), "the host's copy")) : Optional.empty();
    } catch (TopologyFormatException e) {
      return Optional.empty();
    }
  }

  private static Optional<byte[]> picture(JsonNode note) {
    try {
      return note.path("thumbnail").isString() ? Optional.of(Base64.getDecoder().decode(note.path("thumbnail").asString())) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
