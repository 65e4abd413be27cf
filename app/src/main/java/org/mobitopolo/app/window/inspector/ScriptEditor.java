// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import java.util.Optional;
import javafx.beans.InvalidationListener;
import javafx.beans.WeakInvalidationListener;
import javafx.scene.control.Label;
import javafx.scene.layout.BorderPane;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;
import org.mobitopolo.topology.edit.ChangeNode;

/**
 * The start-up script of a VM in a large field. Ctrl+Enter or leaving the field makes the edit; it
 * follows the topology, undo too.
 */
public final class ScriptEditor extends BorderPane {
  private static final int ROWS = 20;

  private final String node;
  private final Field field;
  private final InvalidationListener updater;

  public ScriptEditor(LabDocument document, Texts texts, String node) {
    this.node = node;
    getStyleClass().add("script-editor");
    field =
        Field.script(
            texts.get("form.vm.script"),
            ROWS,
            document,
            topology -> vm(topology).map(VirtualMachine::startup).orElse(""),
            (text, topology) ->
                new ChangeNode(vm(topology).map(vm -> vm.withStartup(text)).orElseThrow()));
    setCenter(field);
    Label how = new Label(texts.get("script.how"));
    how.setWrapText(true);
    how.getStyleClass().addAll("text-muted", "text-small");
    setBottom(how);
    updater = _ -> update(document.topology().get());
    document.topology().addListener(new WeakInvalidationListener(updater));
    field.refresh(true);
  }

  private void update(Topology topology) {
    boolean there = vm(topology).isPresent();
    field.setDisable(!there);
    if (there) {
      field.refresh(false);
    }
  }

  private Optional<VirtualMachine> vm(Topology topology) {
    return topology
        .node(node)
        .filter(VirtualMachine.class::isInstance)
        .map(VirtualMachine.class::cast);
  }

  /** Takes over what was typed. */
  public void commit() {
    field.commit();
  }

  /** Puts the cursor into the field. */
  public void focus() {
    field.control().requestFocus();
  }
}
