// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import javafx.animation.Animation;
import javafx.animation.PauseTransition;
import javafx.beans.InvalidationListener;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.Parent;
import javafx.scene.control.ScrollPane;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.util.Duration;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.palette.Library;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;

/**
 * The properties of what is selected, at the side of the window. There is one form for each kind of
 * thing; all lie one above the other, and one of them is visible.
 */
public final class Inspector extends ScrollPane {
  /** A double click selects first; what it opens should not wait for the form. */
  private static final Duration SETTLE = Duration.millis(120);

  private final LabDocument document;
  private final Texts texts;
  private final Library library;
  private final Consumer<String> editScript;
  private final BiConsumer<String, Boolean> capture;
  private final InvalidationListener updater = _ -> update();
  private final StackPane forms = new StackPane();
  private final LabForm labForm;
  private final ManyForm many;
  private final Map<Class<?>, Form> built = new HashMap<>();
  private final PauseTransition settle = new PauseTransition(SETTLE);
  private Set<String> selection = Set.of();
  private Optional<Form> form = Optional.empty();

  /**
   * @param library has the images to choose from
   * @param select takes the id of an element that the user wants selected
   * @param editScript takes the id of a VM whose script the user wants to edit in a large field
   * @param capture takes the id of a link whose frames the user wants, and whether in a file
   */
  public Inspector(
      LabDocument document,
      Texts texts,
      Library library,
      Consumer<String> select,
      Consumer<String> editScript,
      BiConsumer<String, Boolean> capture) {
    this.editScript = editScript;
    this.capture = capture;
    this.library = library;
    this.document = document;
    this.texts = texts;
    labForm = new LabForm(document, texts, select);
    getStyleClass().addAll("inspector", "edge-to-edge");
    setFitToWidth(true);
    setHbarPolicy(ScrollBarPolicy.NEVER);
    setContent(forms);
    forms.setAlignment(Pos.TOP_LEFT);
    many = new ManyForm(document, texts, library);
    settle.setOnFinished(_ -> display());
    document.topology().addListener(updater);
    document.state().addListener(updater);
    display();
  }

  /** Shows the properties of these elements, in a moment. */
  public void show(Set<String> ids) {
    if (!ids.equals(selection)) {
      selection = Set.copyOf(ids);
      settle.playFromStart();
    }
  }

  /** Puts the cursor into the field for the name, where there is one. */
  public void editName() {
    display();
    form.flatMap(shown -> Optional.ofNullable(shown.lookup(".field")))
        .filter(Field.class::isInstance)
        .map(field -> ((Field) field).control())
        .ifPresent(
            control -> {
              control.requestFocus();
              control.selectAll();
            });
  }

  /** Puts the focus into the first control of the form that is shown. */
  public void focusFirst() {
    display();
    form.flatMap(Inspector::firstControl).ifPresent(Node::requestFocus);
  }

  private static Optional<Node> firstControl(Parent parent) {
    for (Node child : parent.getChildrenUnmodifiable()) {
      if (!child.isVisible()) {
        continue;
      }
      if (child.isFocusTraversable()) {
        return Optional.of(child);
      }
      Optional<Node> inside =
          child instanceof Parent group ? firstControl(group) : Optional.empty();
      if (inside.isPresent()) {
        return inside;
      }
    }
    return Optional.empty();
  }

  public void dispose() {
    settle.stop();
    document.topology().removeListener(updater);
    document.state().removeListener(updater);
  }

  private void update() {
    boolean gone =
        selection.size() == 1 && !document.topology().get().hasId(selection.iterator().next());
    if (gone) {
      selection = Set.of();
    }
    if (gone || settle.getStatus() != Animation.Status.RUNNING) {
      display();
    }
  }

  private void display() {
    settle.stop();
    if (selection.size() > 1) {
      form = Optional.of(many);
      many.show(selection);
      showOnly(many);
      return;
    }
    String id = selection.stream().findFirst().orElse("");
    Form wanted = formFor(id).orElse(labForm);
    boolean same = form.filter(shown -> shown == wanted && shown.id().equals(id)).isPresent();
    form = Optional.of(wanted);
    wanted.show(id);
    showOnly(wanted);
    if (!same) {
      setVvalue(0);
    }
  }

  private void showOnly(Region shown) {
    if (!forms.getChildren().contains(shown)) {
      forms.getChildren().add(shown);
    }
    forms.getChildren().forEach(child -> Form.setShown(child, child == shown));
  }

  private Optional<Form> formFor(String id) {
    Topology topology = document.topology().get();
    Optional<org.mobitopolo.topology.Node> node = topology.node(id);
    if (node.isPresent()) {
      return Optional.of(
          node.get() instanceof VirtualMachine
              ? form(VmForm.class, (lab, words) -> new VmForm(lab, words, library, editScript))
              : form(NodeForm.class, NodeForm::new));
    }
    if (topology.link(id).isPresent()) {
      return Optional.of(form(LinkForm.class, (lab, words) -> new LinkForm(lab, words, capture)));
    }
    if (topology.region(id).isPresent()) {
      return Optional.of(form(RegionForm.class, RegionForm::new));
    }
    return topology.note(id).map(_ -> form(NoteForm.class, NoteForm::new));
  }

  private Form form(Class<?> kind, BiFunction<LabDocument, Texts, Form> build) {
    return built.computeIfAbsent(kind, _ -> build.apply(document, texts));
  }
}
