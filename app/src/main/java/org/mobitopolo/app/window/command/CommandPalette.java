// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.command;

import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import javafx.geometry.Pos;
import javafx.scene.control.Label;
import javafx.scene.control.ListCell;
import javafx.scene.control.ListView;
import javafx.scene.control.TextField;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import org.mobitopolo.app.window.text.Texts;

/**
 * All commands that can be done now, found by typing parts of their names: arrows choose, Enter
 * does, Escape closes.
 */
public final class CommandPalette extends VBox {
  private static final double WIDTH = 460;
  private static final double ROW = 30;
  private static final int ROWS = 10;

  private final Supplier<List<Command>> commands;
  private final Runnable left;
  private final TextField text = new TextField();
  private final ListView<Command> list = new ListView<>();

  /**
   * @param left runs when the palette has closed, to give the focus back
   */
  public CommandPalette(Supplier<List<Command>> commands, Texts texts, Runnable left) {
    this.commands = commands;
    this.left = left;
    getStyleClass().add("command-palette");
    setSpacing(8);
    setMaxSize(WIDTH, Region.USE_PREF_SIZE);
    text.setPromptText(texts.get("palette.prompt"));
    text.setAccessibleText(texts.get("palette.prompt"));
    list.setFixedCellSize(ROW);
    list.setFocusTraversable(false);
    list.setCellFactory(_ -> new Cell());
    list.setPlaceholder(new Label(texts.get("palette.none")));
    list.setOnMouseClicked(_ -> run());
    getChildren().addAll(text, list);
    setVisible(false);
    text.textProperty().addListener(_ -> search());
    text.addEventFilter(KeyEvent.KEY_PRESSED, this::keyPressed);
    text.focusedProperty()
        .addListener(
            (_, _, focused) -> {
              if (!focused) {
                setVisible(false);
              }
            });
  }

  /** Shows the palette with nothing typed. */
  public void open() {
    text.clear();
    search();
    setVisible(true);
    text.requestFocus();
  }

  /** The commands that can be done now and whose names have all words of a text in them. */
  static List<Command> matches(List<Command> commands, String wanted) {
    List<String> words = List.of(wanted.strip().toLowerCase(Locale.ROOT).split("\\s+"));
    return commands.stream()
        .filter(command -> !command.isDisabled())
        .filter(
            command -> {
              String name = command.text().toLowerCase(Locale.ROOT);
              return words.stream().allMatch(name::contains);
            })
        .toList();
  }

  private void search() {
    list.getItems().setAll(matches(commands.get(), text.getText()));
    list.getSelectionModel().selectFirst();
    double rows = Math.clamp(list.getItems().size(), 1, ROWS);
    list.setPrefHeight(rows * ROW + 4);
    list.scrollTo(0);
  }

  private void keyPressed(KeyEvent event) {
    switch (event.getCode()) {
      case ESCAPE -> close();
      case ENTER -> run();
      case UP, DOWN -> {
        int step = event.getCode() == KeyCode.UP ? -1 : 1;
        int count = list.getItems().size();
        if (count > 0) {
          int index = Math.floorMod(list.getSelectionModel().getSelectedIndex() + step, count);
          list.getSelectionModel().select(index);
          list.scrollTo(index);
        }
      }
      default -> {
        return;
      }
    }
    event.consume();
  }

  private void run() {
    Command chosen = list.getSelectionModel().getSelectedItem();
    close();
    if (chosen != null) {
      chosen.run();
    }
  }

  private void close() {
    setVisible(false);
    left.run();
  }

  private static final class Cell extends ListCell<Command> {
    private final Label name = new Label();
    private final Label keys = new Label();
    private final HBox row;

    Cell() {
      Region space = new Region();
      HBox.setHgrow(space, Priority.ALWAYS);
      keys.getStyleClass().add("key");
      row = new HBox(8, name, space, keys);
      row.setAlignment(Pos.CENTER_LEFT);
    }

    @Override
    protected void updateItem(Command command, boolean empty) {
      super.updateItem(command, empty);
      setGraphic(empty || command == null ? null : row);
      if (!empty && command != null) {
        name.setText(command.text());
        keys.setText(command.keys().map(combination -> combination.getDisplayText()).orElse(""));
      }
    }
  }
}
