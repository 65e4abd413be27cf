// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.edit.RenameNode;

/** Properties of a switch or a gateway. */
final class NodeForm extends Form {
  NodeForm(LabDocument document) {
    super(document);
    title("Switch or gateway", () -> node(topology()).name());
    line(
        "Name", topology -> node(topology).name(), (text, _) -> new RenameNode(id(), text.strip()));
  }

  private Node node(Topology topology) {
    return topology.node(id()).orElseThrow();
  }
}
