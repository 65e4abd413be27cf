// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import javafx.beans.InvalidationListener;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;

/** The properties of what is selected, at the side of the window. */
public final class Inspector extends ScrollPane {
  private final LabDocument document;
  private final Consumer<String> select;
  private final InvalidationListener updater = _ -> update();
  private Set<String> selection = Set.of();
  private Optional<Form> form = Optional.empty();
  private Optional<Boolean> wantsBothWays = Optional.empty();

  /** @param select takes the id of an element that the user wants selected */
  public Inspector(LabDocument document, Consumer<String> select) {
    this.document = document;
    this.select = select;
    getStyleClass().addAll("inspector", "edge-to-edge");
    setFitToWidth(true);
    setHbarPolicy(ScrollBarPolicy.NEVER);
    document.topology().addListener(updater);
    document.state().addListener(updater);
    rebuild();
  }

  /** Shows the properties of these elements. */
  public void show(Set<String> ids) {
    if (!ids.equals(selection)) {
      selection = Set.copyOf(ids);
      wantsBothWays = Optional.empty();
      rebuild();
    }
  }

  /** Puts the cursor into the field for the name, where there is one. */
  public void editName() {
    form.flatMap(shown -> Optional.ofNullable(shown.lookup(".field")))
        .filter(Field.class::isInstance)
        .map(field -> ((Field) field).control())
        .ifPresent(
            control -> {
              control.requestFocus();
              control.selectAll();
            });
  }

  public void dispose() {
    document.topology().removeListener(updater);
    document.state().removeListener(updater);
  }

  private void update() {
    boolean gone = selection.size() == 1 && !document.topology().get().hasId(selection.iterator().next());
    if (gone) {
      selection = Set.of();
      rebuild();
    } else {
      form.ifPresent(Form::refresh);
    }
  }

  private void rebuild() {
    if (selection.size() > 1) {
      form = Optional.empty();
      Label many = new Label(selection.size() + " elements selected");
      many.getStyleClass().add("inspector-empty");
      setContent(many);
      return;
    }
    Form built = selection.stream().findFirst().flatMap(this::formFor).orElseGet(() -> new LabForm(document, select));
    form = Optional.of(built);
    setContent(built);
    setVvalue(0);
  }

  private Optional<Form> formFor(String id) {
    Topology topology = document.topology().get();
    Optional<Node> node = topology.node(id);
    if (node.isPresent()) {
      return Optional.of(node.get() instanceof VirtualMachine ? new VmForm(document, id) : new NodeForm(document, id));
    }
    Optional<Link> link = topology.link(id);
    if (link.isPresent()) {
      boolean bothWays = wantsBothWays.orElse(LinkForm.isSymmetric(link.get()));
      return Optional.of(
          new LinkForm(
              document,
              id,
              bothWays,
              () -> {
                wantsBothWays = Optional.of(!bothWays);
                rebuild();
              }));
    }
    if (topology.region(id).isPresent()) {
      return Optional.of(new RegionForm(document, id));
    }
    return topology.note(id).map(_ -> new NoteForm(document, id));
  }
}
