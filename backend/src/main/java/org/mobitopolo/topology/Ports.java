// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** The ports of switches and gateways as people write them down. */
public final class Ports {
  private Ports() {}

  /** A line for each port that gives access to a VLAN, such as {@code port0 10}. */
  public static String vlans(Node node) {
    return node.nics().stream()
        .filter(nic -> nic.vlan().isPresent())
        .map(nic -> nic.name() + " " + nic.vlan().getAsInt())
        .collect(Collectors.joining("\n"));
  }

  /**
   * The node with the VLANs of such a text; ports that it does not name carry all.
   *
   * @throws IllegalArgumentException with a sentence that says which line is wrong
   */
  public static Node withVlans(Node node, String text) {
    Map<String, Integer> wanted = new HashMap<>();
    for (String line : text.lines().filter(each -> !each.isBlank()).toList()) {
      String[] words = line.strip().split("\\s+");
      if (words.length != 2 || !words[1].matches("\\d{1,4}")) {
        throw new IllegalArgumentException(
            "\"" + line.strip() + "\" is not a port and a VLAN. Write a line such as port0 10.");
      }
      if (node.nic(words[0]).isEmpty()) {
        throw new IllegalArgumentException(
            node.name() + " has no port \"" + words[0] + "\"; it gets one with each link.");
      }
      wanted.put(words[0], Integer.valueOf(words[1]));
    }
    List<Nic> nics = new ArrayList<>();
    for (Nic nic : node.nics()) {
      Integer vlan = wanted.get(nic.name());
      nics.add(nic.withVlan(vlan == null ? OptionalInt.empty() : OptionalInt.of(vlan)));
    }
    return node.withNics(nics);
  }

  /** A gateway's own address; empty: the usual one. */
  public static String address(Node node) {
    return node.nics().stream()
        .flatMap(nic -> nic.addresses().stream())
        .findFirst()
        .map(Cidr::toString)
        .orElse("");
  }

  /**
   * The gateway with this address, or with the usual one if the text is empty.
   *
   * @throws IllegalArgumentException with a sentence that says what is wrong
   */
  public static Node withAddress(Node node, String text) {
    if (node.nics().isEmpty()) {
      throw new IllegalArgumentException(
          node.name() + " has no port yet. Draw a link to it, then give it an address.");
    }
    List<Cidr> addresses = text.isEmpty() ? List.of() : List.of(Cidr.parse(text));
    List<Nic> nics = new ArrayList<>();
    for (Nic nic : node.nics()) {
      nics.add(nic.withAddresses(nics.isEmpty() ? addresses : List.of()));
    }
    return node.withNics(nics);
  }
}
