// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import atlantafx.base.theme.Styles;
import java.util.function.BiFunction;
import java.util.function.Function;
import javafx.scene.Node;
import javafx.scene.control.Label;
import javafx.scene.control.TextArea;
import javafx.scene.control.TextField;
import javafx.scene.control.TextInputControl;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.edit.Edit;

/**
 * A text of the topology that can be changed. What is wrong with it shows while one types; Enter or
 * leaving the field makes the edit, Escape brings the old text back.
 */
final class Field extends VBox {
  private final LabDocument document;
  private final TextInputControl control;
  private final BiFunction<String, Topology, Edit> toEdit;
  private final Function<Topology, String> current;
  private final Label label = new Label();
  private final Label problem = new Label();
  private String shown = "";
  private boolean revertible = true;

  private Field(
      String name,
      TextInputControl control,
      Node shownControl,
      LabDocument document,
      Function<Topology, String> current,
      BiFunction<String, Topology, Edit> toEdit) {
    this.document = document;
    this.control = control;
    this.current = current;
    this.toEdit = toEdit;
    getStyleClass().add("field");
    setSpacing(3);
    setName(name);
    label.getStyleClass().add("field-name");
    label.setLabelFor(control);
    problem.setWrapText(true);
    problem.getStyleClass().add("field-problem");
    VBox.setVgrow(shownControl, Priority.ALWAYS);
    getChildren().addAll(label, shownControl, problem);
    control.textProperty().addListener(_ -> check());
    control
        .focusedProperty()
        .addListener(
            (_, _, focused) -> {
              if (!focused) {
                commit();
              }
            });
    control.addEventHandler(KeyEvent.KEY_PRESSED, this::keyPressed);
    showProblem("");
  }

  /** A line of text. */
  static Field line(
      String name,
      LabDocument document,
      Function<Topology, String> current,
      BiFunction<String, Topology, Edit> toEdit) {
    TextField field = new TextField();
    return new Field(name, field, field, document, current, toEdit);
  }

  /** Several lines of program-like text, at least so many of them visible. */
  static Field lines(
      String name,
      int rows,
      LabDocument document,
      Function<Topology, String> current,
      BiFunction<String, Topology, Edit> toEdit) {
    TextArea area = code(rows);
    return new Field(name, area, area, document, current, toEdit);
  }

  /** A program of several lines, which have numbers. Escape leaves what was typed. */
  static Field script(
      String name,
      int rows,
      LabDocument document,
      Function<Topology, String> current,
      BiFunction<String, Topology, Edit> toEdit) {
    TextArea area = code(rows);
    Field field =
        new Field(name, area, LineNumbers.beside(area), document, current, toEdit);
    field.label.setWrapText(true);
    field.revertible = false;
    return field;
  }

  private static TextArea code(int rows) {
    TextArea area = new TextArea();
    area.setPrefRowCount(rows);
    area.getStyleClass().add("code");
    return area;
  }

  /** Says how the text looks when nothing is written. */
  Field prompt(String text) {
    control.setPromptText(text);
    return this;
  }

  void setName(String name) {
    label.setText(name);
    control.setAccessibleText(name);
  }

  TextInputControl control() {
    return control;
  }

  /**
   * Takes the text from the topology.
   *
   * @param other whether the field now stands for another thing; else what the user is about to
   *     type is left alone
   */
  void refresh(boolean other) {
    String now = current.apply(document.topology().get());
    boolean untouched = control.getText() == null || control.getText().equals(shown);
    shown = now;
    if (other || untouched || !control.isFocused()) {
      if (!now.equals(control.getText())) {
        control.setText(now);
      }
      showProblem("");
    }
  }

  private void keyPressed(KeyEvent event) {
    if (event.getCode() == KeyCode.ESCAPE && revertible) {
      control.setText(shown);
      event.consume();
    } else if (event.getCode() == KeyCode.ENTER
        && (control instanceof TextField || event.isControlDown())) {
      commit();
      event.consume();
    }
  }

  private FieldCheck check() {
    if (control.getText().equals(shown)) {
      showProblem("");
    }
    FieldCheck check = FieldCheck.of(control.getText(), document.topology().get(), toEdit);
    showProblem(control.getText().equals(shown) ? "" : check.problem().orElse(""));
    return check;
  }

  /** Makes the edit, if the text differs from the topology and is right. */
  void commit() {
    if (!control.getText().equals(shown)) {
      check().edit().ifPresent(document::edit);
    }
  }

  private void showProblem(String text) {
    problem.setText(text);
    problem.setVisible(!text.isEmpty());
    problem.setManaged(!text.isEmpty());
    control.pseudoClassStateChanged(Styles.STATE_DANGER, !text.isEmpty());
  }
}
