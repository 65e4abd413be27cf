// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import java.util.List;
import java.util.Optional;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.Route;

/** Debian's {@code /etc/network/interfaces}, see interfaces(5), as far as labs use it. */
final class InterfacesFile {

  private final Draft draft;
  private final DraftNode node;
  private Optional<String> nic = Optional.empty();
  private Optional<String> address = Optional.empty();
  private Optional<String> netmask = Optional.empty();
  private Optional<String> gateway = Optional.empty();

  InterfacesFile(Draft draft, DraftNode node) {
    this.draft = draft;
    this.node = node;
  }

  void read(String text) {
    for (String line : text.lines().map(String::strip).toList()) {
      List<String> words = List.of(line.split("\\s+"));
      if (line.isEmpty() || line.startsWith("#") || words.size() < 2) {
        continue;
      }
      String value = words.get(1);
      switch (words.getFirst()) {
        case "iface" -> {
          finish();
          stanza(words);
        }
        case "address" -> address = Optional.of(value);
        case "netmask" -> netmask = Optional.of(value);
        case "gateway" -> gateway = Optional.of(value);
        case "up", "post-up" ->
            new CommandReader(draft, node).command(line.substring(words.getFirst().length()));
        case "auto", "allow-hotplug", "source", "network", "broadcast" -> {}
        default ->
            draft.add(
                Finding.leftOut(node.title, "interfaces: " + Draft.limit(line, 80), "it is not known here"));
      }
    }
    finish();
  }

  private void stanza(List<String> words) {
    nic = words.get(1).equals("lo") ? Optional.empty() : Optional.of(words.get(1));
    if (nic.isPresent() && words.getLast().equals("dhcp") && node.existingNic(words.get(1)).isPresent()) {
      node.script("udhcpc -i " + words.get(1) + " -b\n");
      draft.add(Finding.mapped(node.title, words.get(1) + " by DHCP", "udhcpc in the start-up script"));
    }
  }

  private void finish() {
    try {
      if (nic.isPresent() && address.isPresent()) {
        String prefix = netmask.map(InterfacesFile::prefix).map(length -> "/" + length).orElse("");
        Cidr parsed = Cidr.parse(address.get() + (address.get().contains("/") ? "" : prefix));
        node.nic(nic.get()).addresses.add(parsed);
        draft.add(Finding.mapped(node.title, "address " + parsed, "address of " + nic.get()));
        if (gateway.isPresent()) {
          node.routes.add(Route.parse("default", Cidr.parseAddress(gateway.get())));
          draft.add(Finding.mapped(node.title, "gateway " + gateway.get(), "default route"));
        }
      }
    } catch (IllegalArgumentException e) {
      draft.add(Finding.leftOut(node.title, "interface " + nic.orElse(""), e.getMessage()));
    }
    nic = Optional.empty();
    address = Optional.empty();
    netmask = Optional.empty();
    gateway = Optional.empty();
  }

  private static int prefix(String text) {
    return text.matches("\\d{1,3}") ? Integer.parseInt(text) : CommandReader.prefix(text);
  }
}
