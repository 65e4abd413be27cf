// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.console;

import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.TextField;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Region;
import org.mobitopolo.app.window.terminal.TerminalView;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.icons.Icon;
import org.mobitopolo.icons.Icons;

/**
 * Searches what a console has shown, from the end upwards: Enter goes on upwards, Shift+Enter
 * downwards, Escape closes and leaves the place selected.
 */
final class ConsoleFindBar extends HBox {
  private final TerminalView terminal;
  private final Texts texts;
  private final TextField text = new TextField();
  private final Label result = new Label();

  ConsoleFindBar(TerminalView terminal, Texts texts) {
    this.terminal = terminal;
    this.texts = texts;
    getStyleClass().addAll("find-bar", "console-find");
    setAlignment(Pos.CENTER_LEFT);
    setSpacing(8);
    setMaxSize(Region.USE_PREF_SIZE, Region.USE_PREF_SIZE);
    text.setPromptText(texts.get("console.find"));
    text.setAccessibleText(texts.get("console.find"));
    text.setPrefColumnCount(18);
    Button close = new Button();
    close.setGraphic(Icons.view(Icon.CLOSE, 14));
    close.getStyleClass().addAll("button-icon", "flat", "small");
    close.setAccessibleText(texts.get("word.close"));
    close.setOnAction(_ -> close());
    getChildren().addAll(Icons.view(Icon.SEARCH, 16), text, result, close);
    setVisible(false);
    text.textProperty().addListener(_ -> find(true));
    text.addEventFilter(KeyEvent.KEY_PRESSED, this::keyPressed);
  }

  void open() {
    setVisible(true);
    text.requestFocus();
    text.selectAll();
  }

  private void keyPressed(KeyEvent event) {
    if (event.getCode() == KeyCode.ESCAPE) {
      close();
    } else if (event.getCode() == KeyCode.ENTER) {
      find(!event.isShiftDown());
    } else {
      return;
    }
    event.consume();
  }

  private void find(boolean up) {
    boolean found = !text.getText().isEmpty() && terminal.find(text.getText(), up);
    result.setText(found || text.getText().isEmpty() ? "" : texts.get("find.none"));
  }

  private void close() {
    setVisible(false);
    terminal.requestFocus();
  }
}
