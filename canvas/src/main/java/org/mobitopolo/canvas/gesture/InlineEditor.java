// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.gesture;

import java.util.Optional;
import java.util.function.Function;
import javafx.css.PseudoClass;
import javafx.scene.Node;
import javafx.scene.control.TextArea;
import javafx.scene.control.TextField;
import javafx.scene.control.TextInputControl;
import javafx.scene.control.Tooltip;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.Region;
import org.mobitopolo.canvas.element.NodeView;
import org.mobitopolo.canvas.element.NoteView;
import org.mobitopolo.canvas.element.RegionView;
import org.mobitopolo.canvas.geometry.Box;
import org.mobitopolo.topology.Ids;
import org.mobitopolo.topology.Note;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.edit.ChangeNote;
import org.mobitopolo.topology.edit.ChangeRegion;
import org.mobitopolo.topology.edit.Edit;
import org.mobitopolo.topology.edit.RenameNode;

/**
 * Edits texts where they stand: names of nodes and regions, and notes. Enter (with Ctrl in a note)
 * or leaving it takes the text over, Escape does not. A name that can't be taken is marked while it
 * is typed, with the reason.
 */
public final class InlineEditor {
  private static final PseudoClass WRONG = PseudoClass.getPseudoClass("wrong");
  private static final double NAME_WIDTH = 200;
  private static final double NAME_HEIGHT = 30;

  private final Region canvas;
  private final Surface surface;
  private TextInputControl field;
  private Function<String, Optional<Edit>> edit;

  public InlineEditor(Region canvas, Surface surface) {
    this.canvas = canvas;
    this.surface = surface;
  }

  /** Begins to edit the text of an element; does nothing for one that has none. */
  public void open(String id) {
    close(true);
    surface.world().node(id).ifPresent(this::openNode);
    surface.world().region(id).ifPresent(this::openRegion);
    surface.world().note(id).ifPresent(this::openNote);
  }

  private void openNode(NodeView view) {
    Box box = inView(view.box());
    edit =
        name ->
            name.equals(view.node().name())
                ? Optional.empty()
                : Optional.of(new RenameNode(view.node().id(), name));
    openField(
        view.node().name(),
        box.centreX() - NAME_WIDTH / 2,
        box.centreY() - NAME_HEIGHT / 2,
        name -> nodeNameProblem(view.node().id(), name));
  }

  private void openRegion(RegionView view) {
    Box box = inView(view.box());
    edit =
        name ->
            name.equals(view.region().name())
                ? Optional.empty()
                : Optional.of(new ChangeRegion(view.region().withName(name)));
    openField(
        view.region().name(),
        box.left() + 8,
        box.top() + 4,
        name -> regionNameProblem(view.region().id(), name));
  }

  private void openNote(NoteView view) {
    Box box = inView(view.box());
    edit =
        text ->
            text.equals(view.note().text())
                ? Optional.empty()
                : Optional.of(new ChangeNote(view.note().withText(text)));
    if (view.note().kind() == Note.Kind.AREA) {
      openField(view.note().text(), box.left() + 4, box.top() + 2, _ -> Optional.empty());
      return;
    }
    TextArea area = new TextArea(view.note().text());
    area.setWrapText(true);
    show(
        area,
        box.left(),
        box.top(),
        Math.max(NAME_WIDTH, box.width()),
        Math.max(2 * NAME_HEIGHT, box.height()));
  }

  private Optional<String> nodeNameProblem(String id, String name) {
    Topology topology = surface.world().topology();
    if (!Ids.isNodeName(name)) {
      return Optional.of(surface.texts().get("name.form"));
    }
    return topology
        .nodeNamed(name)
        .filter(node -> !node.id().equals(id))
        .map(_ -> surface.texts().get("name.node-taken"));
  }

  private Optional<String> regionNameProblem(String id, String name) {
    if (name.isBlank()) {
      return Optional.of(surface.texts().get("name.region-missing"));
    }
    return surface.world().topology().regions().stream()
        .filter(region -> region.name().equals(name) && !region.id().equals(id))
        .findFirst()
        .map(_ -> surface.texts().get("name.region-taken"));
  }

  private void openField(
      String text, double x, double y, Function<String, Optional<String>> problem) {
    TextField input = new TextField(text);
    Tooltip reason = new Tooltip();
    Function<String, Optional<Edit>> take = edit;
    edit = name -> problem.apply(name).isPresent() ? Optional.empty() : take.apply(name);
    input
        .textProperty()
        .addListener(
            (_, _, name) -> {
              Optional<String> wrong = problem.apply(name);
              input.pseudoClassStateChanged(WRONG, wrong.isPresent());
              reason.setText(wrong.orElse(""));
              input.setTooltip(wrong.isPresent() ? reason : null);
              input.setAccessibleHelp(wrong.orElse(null));
            });
    show(input, x, y, NAME_WIDTH, NAME_HEIGHT);
    input.selectAll();
  }

  private void show(TextInputControl input, double x, double y, double width, double height) {
    field = input;
    field.getStyleClass().add("inline-editor");
    field.setManaged(false);
    surface.overlay().getChildren().add(field);
    field.resizeRelocate(Math.round(x), Math.round(y), Math.round(width), Math.round(height));
    field.addEventFilter(KeyEvent.KEY_PRESSED, this::key);
    field
        .focusedProperty()
        .addListener(
            (_, _, focused) -> {
              if (!focused) {
                close(true);
              }
            });
    field.requestFocus();
  }

  private void key(KeyEvent event) {
    boolean takes =
        event.getCode() == KeyCode.ENTER && (field instanceof TextField || event.isShortcutDown());
    if (takes || event.getCode() == KeyCode.ESCAPE) {
      close(takes);
      canvas.requestFocus();
      event.consume();
    }
  }

  /** Ends editing, if there is any, and takes the text over or not. */
  public void close(boolean take) {
    if (field == null) {
      return;
    }
    Node closing = field;
    String text = field.getText();
    field = null;
    surface.overlay().getChildren().remove(closing);
    if (take) {
      edit.apply(text).ifPresent(surface.edits());
    }
  }

  private Box inView(Box box) {
    return Box.between(
        surface.viewport().toView(new Point(box.left(), box.top())),
        surface.viewport().toView(new Point(box.right(), box.bottom())));
  }
}
