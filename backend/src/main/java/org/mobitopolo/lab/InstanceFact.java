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
 * @param base what its disk holds changes to; empty for devices, and if an older agent does not say
 * @param udp where its supervisor listens
 * @param links ids of the links that are set, by NIC index
 * @param keys tell the links' keys apart, by NIC index
 * @param handover the migration that it takes part in, or that broke off when it did
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
    Optional<BaseImage> base,
    List<String> udp,
    Map<Integer, String> links,
    Map<Integer, KeyMark> keys,
    Optional<String> error,
    Optional<Handover> handover) {

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
    Map<Integer, KeyMark> keys = new LinkedHashMap<>();
    for (JsonNode link : status.path("links").values()) {
      links.put(link.path("nic").asInt(-1), link.path("link").asString(""));
      keys.put(link.path("nic").asInt(-1), KeyMark.parse(link));
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
            BaseImage.parse(status),
            List.copyOf(udp),
            Map.copyOf(links),
            Map.copyOf(keys),
            status.path("error").stringValueOpt().map(InstanceFact::printable),
            status.path("migration").has("role") ? Optional.of(Handover.parse(status.path("migration"))) : Optional.empty()));
  }

  /**
   * Tells a link's key apart from others.
   *
   * @param generation grows with each new key of the link
   */
  record KeyMark(String id, long generation) {
    static KeyMark parse(JsonNode link) {
      return new KeyMark(link.path("keyId").asString(""), link.path("generation").asLong(0));
    }
  }

  /** The key of a link at one of its NICs; empty if that has none, or another link. */
  Optional<KeyMark> key(int nic, String link) {
    return Optional.ofNullable(keys.get(nic)).filter(mark -> link.equals(links.get(nic)) && !mark.id().isEmpty());
  }

  static String printable(String text) {
    String line = text.replaceAll("[\\p{Cntrl}&&[^\\n]]", " ").strip();
    return line.length() <= MAX_TEXT ? line : line.substring(0, MAX_TEXT);
  }

  boolean live() {
    return phase.live();
  }
}
