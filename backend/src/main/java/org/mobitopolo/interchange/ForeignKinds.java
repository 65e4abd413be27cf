// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.mobitopolo.topology.Symbol;

/**
 * What kinds of nodes and images of other programs become. The first line whose pattern occurs in
 * the kind or the image decides; everything else is a plain virtual machine.
 */
final class ForeignKinds {

  /**
   * One line of the table.
   *
   * @param router whether it passes packets on without being told
   * @param lost what is missing afterwards; empty when nothing is
   */
  record Line(Pattern pattern, DraftNode.Kind kind, Symbol symbol, boolean router, String lost) {}

  private static final String OTHER_SYSTEM =
      "its own operating system can't run here; a small Linux stands in its place, with its"
          + " interfaces and links";
  private static final String DAEMONS =
      "it passes packets on, but the image \"small\" has no routing daemons; the image \"router\""
          + " has FRRouting";
  private static final String WIRELESS =
      "radio is not emulated: all who are in reach are one Ethernet network";

  private static final String CIRCUITS =
      "virtual circuits are not emulated: all who are connected are one Ethernet network";

  /** Kinds that only say what runs the image. */
  private static final Line HYPERVISOR =
      line("qemu|virtualbox|vmware|windows", Symbol.VM, false, OTHER_SYSTEM);

  private static final List<Line> TABLE =
      List.of(
          line("^(ovs-)?bridge$|ethernet_switch|^switch$|^lan$", DraftNode.Kind.SWITCH, ""),
          line("ethernet_hub|^hub$", DraftNode.Kind.SWITCH, "a switch learns where a hub repeats"),
          line("atm_switch|frame_relay_switch", DraftNode.Kind.SWITCH, CIRCUITS),
          line("^wireless|^wlan|^emane", DraftNode.Kind.SWITCH, WIRELESS),
          line("^(host|mgmt-net|macvlan|nat|cloud|rj45|ext-container)$", DraftNode.Kind.GATEWAY,
              "a gateway reaches the host's network by address translation; nothing reaches in"),
          line("frr|quagga|bird|gobgp|openbgpd|vyos|exabgp", Symbol.ROUTER, true, DAEMONS),
          line("^router$|^mdr$|^prouter$", Symbol.ROUTER, true, DAEMONS),
          line(
              "srlinux|^srl$|sros|srsim|ceos|veos|crpd|vmx|vqfx|vsrx|junos|csr|xrd|xrv|iol|iou|dynamips|"
                  + "routeros|cumulus|cvx|sonic|n9kv|nxos|ciena|dell|fortinet|paloalto|checkpoint|osvbng",
              Symbol.ROUTER,
              true,
              OTHER_SYSTEM),
          line("nginx|apache|httpd|haproxy|caddy|bind9|dns|mysql|postgres|^server$", Symbol.SERVER, false,
              "the image \"small\" has not the programs of that image"),
          line("^k8s-kind$", Symbol.VM, false, "a cluster of containers can't run here; a small Linux stands in its place"),
          line("^(free|open|net)bsd$", Symbol.VM, false, OTHER_SYSTEM),
          HYPERVISOR,
          line("vpcs|^pc$|traceng", Symbol.CLIENT, false, ""),
          line("", Symbol.VM, false, "the image \"small\" may not have all programs of that image"));

  private ForeignKinds() {}

  private static Line line(String pattern, DraftNode.Kind kind, String lost) {
    return new Line(Pattern.compile(pattern), kind, Symbol.VM, false, lost);
  }

  private static Line line(String pattern, Symbol symbol, boolean router, String lost) {
    return new Line(Pattern.compile(pattern), DraftNode.Kind.MACHINE, symbol, router, lost);
  }

  /**
   * The line for a kind of node. Images decide where the kind says nothing; where it says what runs
   * them, only those of routers do.
   */
  static Line of(String kind, String image) {
    Line byKind = first(kind);
    Line byImage = first(image);
    boolean decides =
        byKind == HYPERVISOR
            ? byImage.router()
            : byKind == TABLE.getLast() && byImage.kind() == DraftNode.Kind.MACHINE;
    return decides ? byImage : byKind;
  }

  private static Line first(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    return TABLE.stream()
        .filter(line -> line.pattern().matcher(lower).find())
        .findFirst()
        .orElseThrow();
  }

  /** Adds a node of that kind, with a finding. */
  static DraftNode add(Draft draft, String key, String title, String kind, String image)
      throws ImportException {
    Line line = of(kind, image);
    DraftNode node = draft.add(key, title, line.kind());
    node.symbol = line.symbol();
    node.forward = line.router();
    String subject = image.isEmpty() ? "kind " + kind : "kind " + kind + ", image " + image;
    String became =
        switch (line.kind()) {
          case MACHINE -> "VM with image \"small\"";
          case SWITCH -> "switch";
          case GATEWAY -> "gateway";
        };
    draft.add(
        line.lost().isEmpty()
            ? Finding.mapped(node.title, subject, became)
            : Finding.changed(node.title, subject, became, line.lost()));
    return node;
  }
}
