// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.mobitopolo.topology.Cidr;
import org.mobitopolo.topology.Route;

/** The start-up file of a VPCS node, which has the commands of VPCS's own shell. */
final class VpcsFile {

  private static final String NIC = "eth0";

  private final Draft draft;
  private final DraftNode node;

  VpcsFile(Draft draft, DraftNode node) {
    this.draft = draft;
    this.node = node;
  }

  void read(String text) {
    node.nic(NIC);
    for (String line : text.lines().map(String::strip).toList()) {
      if (!line.isEmpty() && !line.startsWith("#") && !line.startsWith("set pcname")) {
        command(line);
      }
    }
  }

  private void command(String line) {
    String why = "there is nothing like it here";
    try {
      if (take(line, List.of(line.split("\\s+")))) {
        return;
      }
    } catch (IllegalArgumentException e) {
      why = e.getMessage();
    }
    draft.add(Finding.leftOut(node.title, "VPCS command " + Draft.limit(line, 80), why));
  }

  private boolean take(String line, List<String> words) {
    boolean ip = words.getFirst().equals("ip") && words.size() > 1;
    List<String> rest = words.subList(ip ? 2 : 1, words.size());
    return switch (ip ? words.get(1) : words.getFirst()) {
      case "dhcp" -> !rest.contains("-x") && dhcp(line);
      case "dns" -> ip && dns(line, rest);
      case "auto", "domain", "mtu" -> false;
      default -> ip && !rest.contains("eui-64") && address(line, words.get(1), rest);
    };
  }

  private boolean dhcp(String line) {
    node.script("udhcpc -i " + NIC + " -b\n");
    draft.add(Finding.mapped(node.title, line, "udhcpc in the start-up script"));
    return true;
  }

  private boolean dns(String line, List<String> servers) {
    List<String> lines =
        servers.stream()
            .map(server -> "nameserver " + Cidr.parseAddress(server).getHostAddress())
            .toList();
    if (lines.isEmpty()) {
      return false;
    }
    node.script("printf '" + String.join("\\n", lines) + "\\n' > /etc/resolv.conf\n");
    draft.add(Finding.mapped(node.title, line, "name server in the start-up script"));
    return true;
  }

  /**
   * An address, and in any order a gateway and the network's length: {@code ip 10.0.0.2/24
   * 10.0.0.1}, {@code ip 10.0.0.2 10.0.0.1 24}, {@code ip 10.0.0.2 24}, {@code ip 10.0.0.2
   * 255.255.255.0 10.0.0.1}, {@code ip fd00::2/64}.
   */
  private boolean address(String line, String own, List<String> rest) {
    int slash = own.indexOf('/');
    boolean six = own.indexOf(':') >= 0;
    String length = slash >= 0 ? own.substring(slash + 1) : six ? "64" : "24";
    Optional<InetAddress> gateway = Optional.empty();
    for (String word : rest) {
      if (word.matches("\\d{1,3}")) {
        length = word;
      } else if (word.startsWith("255.")) {
        length = Integer.toString(CommandReader.prefix(word));
      } else {
        gateway = Optional.of(Cidr.parseAddress(word));
      }
    }
    Cidr address = Cidr.parse((slash >= 0 ? own.substring(0, slash) : own) + "/" + length);
    node.nic(NIC).addresses.add(address);
    gateway.ifPresent(via -> node.routes.add(Route.parse("default", via)));
    draft.add(
        Finding.mapped(
            node.title, line, "address of " + NIC + (gateway.isPresent() ? ", default route" : "")));
    return true;
  }
}
