// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.topology.Gateway;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Ports;
import org.mobitopolo.topology.Switch;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.edit.ChangeNode;
import org.mobitopolo.topology.edit.RenameNode;

/** Properties of a switch or a gateway. */
final class NodeForm extends Form {
  private static final int PORT_ROWS = 4;

  NodeForm(LabDocument document, Texts texts) {
    super(document, texts);
    title(text("form.node"), () -> node(topology()).name());
    line(
        text("word.name"),
        topology -> node(topology).name(),
        (text, _) -> new RenameNode(id(), text.strip()));
    Field vlans =
        lines(
                text("form.node-vlans"),
                PORT_ROWS,
                topology -> Ports.vlans(node(topology)),
                (text, topology) -> new ChangeNode(Ports.withVlans(node(topology), text)))
            .prompt("port0 10");
    Field address =
        line(
                text("form.node-address"),
                topology -> Ports.address(node(topology)),
                (text, topology) -> new ChangeNode(Ports.withAddress(node(topology), text.strip())))
            .prompt("10.0.2.2/24");
    onRefresh(
        () -> {
          setShown(vlans, node(topology()) instanceof Switch);
          setShown(address, node(topology()) instanceof Gateway);
        });
  }

  private Node node(Topology topology) {
    return topology.node(id()).orElseThrow();
  }
}
