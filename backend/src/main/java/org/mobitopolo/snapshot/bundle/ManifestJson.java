// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot.bundle;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.mobitopolo.topology.Problem;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.TopologyFormatException;
import org.mobitopolo.topology.TopologyJson;
import org.mobitopolo.topology.Validator;
import org.mobitopolo.topology.VirtualMachine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The manifest as JSON (docs/bundle.md). */
final class ManifestJson {
  static final String FORMAT = "mobitopolo-bundle";

  /** VMs of a bundle; members number them with four digits. */
  static final int MOST_MACHINES = 10_000;

  private static final String HASH = "[0-9a-f]{64}";
  private static final long LARGEST_IMAGE = 1L << 42;

  private ManifestJson() {}

  static byte[] write(Manifest manifest) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("format", FORMAT).put("version", Trailer.VERSION);
    json.put("name", manifest.name()).put("created", manifest.created().toString());
    json.set("topology", Json.parse(TopologyJson.writeLine(manifest.topology()).getBytes(StandardCharsets.UTF_8)));
    ObjectNode places = json.putObject("places");
    new TreeMap<>(manifest.places()).forEach(places::put);
    ArrayNode machines = json.putArray("vms");
    for (Manifest.Machine machine : manifest.machines()) {
      ObjectNode entry = machines.addObject();
      entry.put("node", machine.node()).put("region", machine.region()).put("kernel", machine.kernel());
      machine.kernelSha256().ifPresent(hash -> entry.put("kernelSha256", hash));
      entry.set("head", machine.head().json());
    }
    ArrayNode images = json.putArray("images");
    new TreeMap<>(manifest.images()).forEach((hash, bytes) -> images.addObject().put("sha256", hash).put("bytes", bytes));
    return Json.MAPPER.writeValueAsBytes(json);
  }

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException what is wrong with it
   */
  static Manifest read(byte[] bytes) {
    JsonNode json = Json.parse(bytes);
    if (!json.path("format").asString("").equals(FORMAT)) {
      throw new IllegalArgumentException("its manifest is that of something else");
    }
    if (json.path("version").asInt(0) != Trailer.VERSION) {
      throw new IllegalArgumentException("its manifest has version " + json.path("version"));
    }
    Topology topology = topology(json.path("topology"));
    Map<String, Integer> places = new HashMap<>();
    json.path("places").properties().forEach(place -> places.put(place.getKey(), place.getValue().asInt(-1)));
    if (!places.keySet().equals(ids(topology)) || places.values().stream().anyMatch(place -> place < 0)) {
      throw new IllegalArgumentException("its regions have no places");
    }
    List<Manifest.Machine> machines = new ArrayList<>();
    for (JsonNode entry : json.path("vms").values()) {
      machines.add(machine(entry, topology, machines));
    }
    if (machines.size() > MOST_MACHINES) {
      throw new IllegalArgumentException("it has more than " + MOST_MACHINES + " VMs");
    }
    Map<String, Long> images = new HashMap<>();
    for (JsonNode entry : json.path("images").values()) {
      String hash = entry.path("sha256").asString("");
      long size = entry.path("bytes").asLong(0);
      if (!hash.matches(HASH) || size < 1 || size > LARGEST_IMAGE || size % Head.PAGE != 0 || images.put(hash, size) != null) {
        throw new IllegalArgumentException("its list of images is not in order");
      }
    }
    return new Manifest(json.path("name").asString(""), created(json), topology, places, machines, images);
  }

  private static Set<String> ids(Topology topology) {
    Set<String> ids = new HashSet<>();
    topology.regions().forEach(region -> ids.add(region.id()));
    return ids;
  }

  private static Topology topology(JsonNode json) {
    try {
      Topology topology = TopologyJson.read(json.toString(), "topology");
      List<Problem> errors = Validator.errors(topology);
      if (!errors.isEmpty()) {
        throw new IllegalArgumentException("its topology is wrong: " + errors.getFirst().message());
      }
      if (!Manifest.anonymous(topology).equals(topology)) {
        throw new IllegalArgumentException("its topology names hosts");
      }
      return topology;
    } catch (TopologyFormatException e) {
      throw new IllegalArgumentException("its topology can't be read: " + e.getMessage(), e);
    }
  }

  private static Instant created(JsonNode json) {
    try {
      return Instant.parse(json.path("created").asString(""));
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("its time of creation can't be read", e);
    }
  }

  private static Manifest.Machine machine(JsonNode entry, Topology topology, List<Manifest.Machine> before) {
    String node = entry.path("node").asString("");
    String region = entry.path("region").asString("");
    String kernel = entry.path("kernel").asString("");
    Optional<String> kernelSha256 = entry.path("kernelSha256").stringValueOpt();
    if (topology.node(node).isEmpty() || before.stream().anyMatch(machine -> machine.node().equals(node))) {
      throw new IllegalArgumentException("it has the state of a node that its topology does not have, or twice");
    }
    if (topology.region(region).isEmpty()) {
      throw new IllegalArgumentException("a VM of it is in a region that its topology does not have");
    }
    Head head = Head.parse(entry.path("head"));
    if (head.isDevice() == topology.node(node).orElseThrow() instanceof VirtualMachine) {
      throw new IllegalArgumentException("it has the state of a node of another kind than its topology");
    }
    if (!kernel.matches(head.isDevice() ? "" : HASH) || kernelSha256.filter(hash -> !hash.matches(HASH)).isPresent()) {
      throw new IllegalArgumentException("a VM of it names no guest kernel");
    }
    return new Manifest.Machine(node, region, kernel, kernelSha256, head);
  }
}
