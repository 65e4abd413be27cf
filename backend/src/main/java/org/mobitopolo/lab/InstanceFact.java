// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mobitopolo.topology.HostUrl;
import tools.jackson.databind.JsonNode;

/**
 * One incarnation of a node on one host, as the host's agent reports it (protocols.md section 5, {@code status}).
 *
 * @param kernel names the agent folder whose kernel it runs; empty if the agent did not say
 * @param sinceUs when it came into its state, by the host's clock
 * @param mode {@code seccomp} or {@code ptrace}; empty while that is not known
 * @param udp where its supervisor listens
 * @param links ids of the links that are set, by NIC index
 * @param keyIds tells the links' keys apart, by NIC index
 */
record InstanceFact(
    HostUrl host,
    String instance,
    String lab,
    String node,
    String region,
    String kernel,
    Phase phase,
    long sinceUs,
    int cpu,
    String mode,
    int memoryMiB,
    long ramBytes,
    long overlayBytes,
    List<String> udp,
    Map<Integer, String> links,
    Map<Integer, String> keyIds,
    Optional<String> error) {

  private static final int MAX_TEXT = 2000;

  /** States of protocols.md section 5. */
  enum Phase {
    CREATED,
    BOOTING,
    RUNNING,
    STOPPING,
    STOPPED,
    CRASHED,
    PARKED,
    /** Comes from a snapshot and has not been continued yet. */
    SAVED,
    INCOMING,
    SENDING,
    FROZEN,
    HANDED_OVER,
    /** A word that this program does not know. */
    UNKNOWN;

    static Phase parse(String text) {
      for (Phase phase : values()) {
        if (phase.name().equalsIgnoreCase(text.replace('-', '_'))) {
          return phase;
        }
      }
      return UNKNOWN;
    }

    /** Whether the guest is alive here: it runs, or stands still for a moment. */
    boolean live() {
      return this == BOOTING || this == RUNNING || this == SENDING || this == FROZEN;
    }

    /** Whether no process is there and the folder may be deleted or started. */
    boolean off() {
      return this == CREATED || this == STOPPED || this == CRASHED || holdsMemory();
    }

    /** Whether no process is there, but the guest's memory, so that a start continues it. */
    boolean holdsMemory() {
      return this == PARKED || this == SAVED;
    }
  }

  /** Reads a status; empty if it lacks what every status has. */
  static Optional<InstanceFact> parse(HostUrl host, JsonNode status) {
    String instance = status.path("instance").asString("");
    String node = status.path("node").asString("");
    if (!instance.matches("[0-9a-f]{16}") || node.isEmpty()) {
      return Optional.empty();
    }
    Map<Integer, String> links = new LinkedHashMap<>();
    Map<Integer, String> keyIds = new LinkedHashMap<>();
    for (JsonNode link : status.path("links").values()) {
      links.put(link.path("nic").asInt(-1), link.path("link").asString(""));
      keyIds.put(link.path("nic").asInt(-1), link.path("keyId").asString(""));
    }
    List<String> udp = new ArrayList<>();
    status.path("udp").values().forEach(endpoint -> udp.add(endpoint.asString("")));
    return Optional.of(
        new InstanceFact(
            host,
            instance,
            status.path("lab").asString(""),
            node,
            status.path("region").asString(""),
            status.path("kernel").asString(""),
            Phase.parse(status.path("state").asString("")),
            status.path("since").asLong(0),
            status.path("cpu").asInt(-1),
            status.path("mode").asString(""),
            status.path("memoryMiB").asInt(0),
            status.path("ramBytes").asLong(0),
            status.path("overlayBytes").asLong(0),
            List.copyOf(udp),
            Map.copyOf(links),
            Map.copyOf(keyIds),
            status.path("error").stringValueOpt().map(InstanceFact::printable)));
  }

  private static String printable(String text) {
    String line = text.replaceAll("[\\p{Cntrl}&&[^\\n]]", " ").strip();
    return line.length() <= MAX_TEXT ? line : line.substring(0, MAX_TEXT);
  }

  boolean live() {
    return phase.live();
  }
}
