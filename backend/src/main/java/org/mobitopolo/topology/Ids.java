// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/** Makes and checks what names elements: ids, names and MAC addresses. */
public final class Ids {

  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");
  private static final Pattern HOST_NAME =
      Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?");
  private static final Pattern NUMBERED = Pattern.compile("(.*?)-?\\d{1,6}");

  private Ids() {}

  /**
   * Whether the text can be an id: 1 to 64 letters, digits, hyphens and underscores (it becomes
   * part of file names on hosts).
   */
  public static boolean isId(String text) {
    return ID.matcher(text).matches();
  }

  /**
   * Whether the text can be a node's name: a host name's label, as the VM's host name is set to it.
   */
  public static boolean isNodeName(String text) {
    return HOST_NAME.matcher(text).matches();
  }

  /** A new id for a lab. */
  public static String newLabId() {
    return UUID.randomUUID().toString();
  }

  /**
   * A new id for an element, unused in the topology.
   *
   * @param prefix what it is: {@code node}, {@code link}, {@code region}, {@code note}
   */
  public static String newId(Topology topology, String prefix) {
    String id;
    do {
      id = String.format(Locale.ROOT, "%s-%08x", prefix, ThreadLocalRandom.current().nextInt());
    } while (topology.hasId(id));
    return id;
  }

  /** A locally administered unicast MAC address, unused in the topology. */
  public static String newMac(Topology topology) {
    String mac;
    do {
      long bits = ThreadLocalRandom.current().nextLong();
      mac =
          String.format(
              Locale.ROOT,
              "02:%02x:%02x:%02x:%02x:%02x",
              bits & 255,
              bits >> 8 & 255,
              bits >> 16 & 255,
              bits >> 24 & 255,
              bits >> 32 & 255);
    } while (hasMac(topology, mac));
    return mac;
  }

  private static boolean hasMac(Topology topology, String mac) {
    return topology.nodes().stream()
        .anyMatch(node -> node.nics().stream().anyMatch(nic -> nic.mac().equals(mac)));
  }

  /**
   * The wished name if no node has it, else its stem with the lowest free number from 2 on: {@code
   * web}, {@code web-2}, {@code web-3}.
   */
  public static String uniqueNodeName(Topology topology, String wished) {
    if (topology.nodeNamed(wished).isEmpty()) {
      return wished;
    }
    var numbered = NUMBERED.matcher(wished);
    String stem = numbered.matches() && !numbered.group(1).isEmpty() ? numbered.group(1) : wished;
    int number = 2;
    while (topology.nodeNamed(stem + "-" + number).isPresent()) {
      number++;
    }
    return stem + "-" + number;
  }

  /**
   * The first of {@code stem1}, {@code stem2} ... that no node has; for nodes added one after the
   * other.
   */
  public static String nextNodeName(Topology topology, String stem) {
    int number = 1;
    while (topology.nodeNamed(stem + number).isPresent()) {
      number++;
    }
    return stem + number;
  }

  /**
   * The name of the next NIC of a node: {@code eth} or {@code port} with the lowest free number.
   */
  public static String nextNicName(Node node) {
    int number = 0;
    while (node.nic(node.nicPrefix() + number).isPresent()) {
      number++;
    }
    return node.nicPrefix() + number;
  }
}
