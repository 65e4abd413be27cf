// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.edit.RenameNode;

/** Properties of a switch or a gateway. */
final class NodeForm extends Form {
  NodeForm(LabDocument document, Texts texts) {
    super(document, texts);
    title(text("form.node"), () -> node(topology()).name());
    line(
        text("word.name"), topology -> node(topology).name(), (text, _) -> new RenameNode(id(), text.strip()));
  }

  private Node node(Topology topology) {
    return topology.node(id()).orElseThrow();
  }
}
