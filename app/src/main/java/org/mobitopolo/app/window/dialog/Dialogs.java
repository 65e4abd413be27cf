// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.dialog;

import java.util.Optional;
import java.util.function.Supplier;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.ButtonBar;
import javafx.scene.control.ButtonType;
import javafx.scene.control.Dialog;
import javafx.scene.control.DialogPane;
import javafx.scene.control.Label;
import javafx.scene.control.TextField;
import javafx.scene.layout.VBox;
import javafx.stage.Modality;
import javafx.stage.Window;
import org.mobitopolo.app.window.text.Texts;

/**
 * Makes dialogs of one look: a question as heading, what it is about below, buttons named for what
 * they do. FX thread only.
 */
public final class Dialogs {
  private static final double WIDTH = 460;

  /** How a button stands among the others. */
  public enum Role {
    /** What Enter does. */
    MAIN,
    OTHER,
    /** Like main, but red and not what Enter does, as it destroys something. */
    DANGER
  }

  private final Supplier<Window> owner;
  private final ButtonType cancel;

  /**
   * @param owner the window that dialogs belong to; may give null before there is one
   */
  public Dialogs(Supplier<Window> owner, Texts texts) {
    this.owner = owner;
    cancel = new ButtonType(texts.get("word.cancel"), ButtonBar.ButtonData.CANCEL_CLOSE);
  }

  /** Shows something that does not have to be answered, beside the window. */
  public static Dialog<ButtonType> show(Window owner, Texts texts, String title, Node content) {
    Dialog<ButtonType> dialog = new Dialog<>();
    dialog.initOwner(owner);
    dialog.setTitle(title);
    DialogPane pane = dialog.getDialogPane();
    pane.setContent(content);
    pane.getStylesheets().addAll(owner.getScene().getStylesheets());
    pane.getButtonTypes()
        .add(new ButtonType(texts.get("word.close"), ButtonBar.ButtonData.CANCEL_CLOSE));
    dialog.show();
    return dialog;
  }

  /**
   * Asks whether to do something.
   *
   * @param button what the button that does it says, such as "Delete protocol"
   */
  public boolean confirm(String question, String text, String button, Role role) {
    ButtonType yes = button(button, role);
    Dialog<ButtonType> dialog = create(question, body(text), yes);
    if (role == Role.DANGER) {
      Button dangerous = (Button) dialog.getDialogPane().lookupButton(yes);
      dangerous.setDefaultButton(false);
      dangerous.getStyleClass().add("danger");
    }
    return dialog.showAndWait().filter(yes::equals).isPresent();
  }

  /** Asks for one of several answers; empty when the user cancelled. */
  public Optional<ButtonType> ask(String question, String text, ButtonType... answers) {
    Dialog<ButtonType> dialog = create(question, body(text), answers);
    return dialog
        .showAndWait()
        .filter(answer -> answer.getButtonData() != ButtonBar.ButtonData.CANCEL_CLOSE);
  }

  /** Asks for a line of text; empty when the user cancelled or wrote nothing. */
  public Optional<String> askText(String question, String text, String proposed, String button) {
    TextField field = new TextField(proposed);
    field.setAccessibleText(question);
    ButtonType done = button(button, Role.MAIN);
    Dialog<ButtonType> dialog = create(question, new VBox(8, body(text), field), done);
    dialog.getDialogPane().lookupButton(done).disableProperty().bind(
        field.textProperty().map(String::isBlank));
    dialog.setOnShown(_ -> field.requestFocus());
    return dialog.showAndWait().filter(done::equals).map(_ -> field.getText().strip());
  }

  /** Says something that must have been read before things go on. */
  public void tell(String heading, String text, String button) {
    Dialog<ButtonType> dialog = create(heading, body(text), button(button, Role.MAIN));
    dialog.getDialogPane().getButtonTypes().remove(cancel);
    dialog.showAndWait();
  }

  public static ButtonType button(String label, Role role) {
    return new ButtonType(
        label,
        switch (role) {
          case MAIN, DANGER -> ButtonBar.ButtonData.OK_DONE;
          case OTHER -> ButtonBar.ButtonData.OTHER;
        });
  }

  /** A dialog with these buttons and one to cancel. */
  Dialog<ButtonType> create(String question, Node body, ButtonType... answers) {
    Dialog<ButtonType> dialog = new Dialog<>();
    if (owner.get() != null) {
      dialog.initOwner(owner.get());
    }
    dialog.initModality(Modality.WINDOW_MODAL);
    dialog.setTitle("Mobitopolo");
    DialogPane pane = dialog.getDialogPane();
    Label heading = new Label(question);
    heading.getStyleClass().add("dialog-heading");
    heading.setWrapText(true);
    VBox content = new VBox(12, heading, body);
    content.setPrefWidth(WIDTH);
    pane.setContent(content);
    pane.getButtonTypes().addAll(answers);
    pane.getButtonTypes().add(cancel);
    if (owner.get() != null && owner.get().getScene() != null) {
      pane.getStylesheets().addAll(owner.get().getScene().getStylesheets());
    }
    return dialog;
  }

  static Label body(String text) {
    Label label = new Label(text);
    label.setWrapText(true);
    return label;
  }
}
