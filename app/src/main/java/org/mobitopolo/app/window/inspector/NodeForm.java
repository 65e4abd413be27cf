// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.edit.RenameNode;

/** Properties of a switch or a gateway. */
final class NodeForm extends Form {
  private final String id;

  NodeForm(LabDocument document, String id) {
    super(document);
    this.id = id;
    title(node(topology()).kind().equals("switch") ? "Switch" : "Gateway", () -> node(topology()).name());
    line("Name", topology -> node(topology).name(), (text, _) -> new RenameNode(id, text.strip()));
  }

  private Node node(Topology topology) {
    return topology.node(id).orElseThrow();
  }
}
