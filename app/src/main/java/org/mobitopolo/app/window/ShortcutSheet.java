// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.util.List;
import javafx.scene.control.ButtonType;
import javafx.scene.control.Dialog;
import javafx.scene.control.Label;
import javafx.scene.layout.GridPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Region;
import javafx.stage.Stage;
import org.mobitopolo.app.window.command.Command;

/** All keys on one sheet: those of the commands, those of the canvas, those of a terminal. */
final class ShortcutSheet {
  private static final List<List<String>> CANVAS =
      List.of(
          List.of("Fit everything into view", "F"),
          List.of("Actual size", "0"),
          List.of("Zoom at the pointer", "wheel, + and -"),
          List.of("Move the view", "middle button, or space and drag"),
          List.of("Delete what is selected", "Delete"),
          List.of("Move what is selected", "arrow keys"),
          List.of("Place freely while dragging", "Alt"),
          List.of("Take a drag back", "Escape"),
          List.of("Open the console of a VM", "double click, Enter"));

  private static final List<List<String>> TERMINAL =
      List.of(
          List.of("Copy and paste", "Ctrl+Shift+C, Ctrl+Shift+V"),
          List.of("Scroll back", "wheel, Shift+Page Up"),
          List.of("Larger and smaller text", "Ctrl++, Ctrl+-, Ctrl+0"),
          List.of("Next and previous console", "Ctrl+Page Down, Ctrl+Page Up"),
          List.of("Close the console", "Ctrl+Shift+W"),
          List.of("Select while a program has the mouse", "Shift and drag"));

  private ShortcutSheet() {}

  static void show(Stage owner, List<Command> commands) {
    Dialog<ButtonType> dialog = new Dialog<>();
    dialog.initOwner(owner);
    dialog.setTitle("Keyboard shortcuts");
    GridPane left = grid("Commands");
    for (Command command : commands) {
      String name = command.text().split(":", 2)[0];
      row(left, name, command.keys().map(keys -> keys.getDisplayText()).orElse(""));
    }
    GridPane right = grid("Canvas");
    CANVAS.forEach(entry -> row(right, entry.getFirst(), entry.getLast()));
    heading(right, "Terminal");
    TERMINAL.forEach(entry -> row(right, entry.getFirst(), entry.getLast()));
    dialog.getDialogPane().setContent(new HBox(48, left, right));
    dialog.getDialogPane().getStylesheets().addAll(owner.getScene().getStylesheets());
    dialog.getDialogPane().getButtonTypes().add(ButtonType.CLOSE);
    dialog.show();
  }

  private static GridPane grid(String name) {
    GridPane grid = new GridPane(24, 4);
    heading(grid, name);
    return grid;
  }

  private static void heading(GridPane grid, String name) {
    Label label = new Label(name);
    label.getStyleClass().add("form-section");
    grid.add(label, 0, grid.getRowCount(), 2, 1);
  }

  private static void row(GridPane grid, String name, String keys) {
    Label key = new Label(keys);
    key.getStyleClass().add("key");
    Label what = new Label(name);
    what.setMinWidth(Region.USE_PREF_SIZE);
    key.setMinWidth(Region.USE_PREF_SIZE);
    grid.addRow(grid.getRowCount(), what, key);
  }
}
