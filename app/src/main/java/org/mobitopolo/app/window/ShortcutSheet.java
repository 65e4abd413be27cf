// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.util.List;
import javafx.scene.control.Label;
import javafx.scene.layout.GridPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Region;
import javafx.stage.Stage;
import org.mobitopolo.app.window.command.Command;
import org.mobitopolo.app.window.dialog.Dialogs;
import org.mobitopolo.app.window.text.Texts;

/** All keys on one sheet: those of the commands, those of the canvas, those of a terminal. */
final class ShortcutSheet {
  /**
   * @param said whether the keys are told in words, so that {@code keys} is the key of a text
   */
  private record Entry(String text, String keys, boolean said) {
    static Entry keys(String text, String keys) {
      return new Entry(text, keys, false);
    }

    static Entry words(String text, String words) {
      return new Entry(text, words, true);
    }
  }

  private static final List<Entry> CANVAS =
      List.of(
          Entry.keys("keys.fit", "F"),
          Entry.keys("keys.actual-size", "0"),
          Entry.words("keys.zoom", "keys.zoom.how"),
          Entry.words("keys.pan", "keys.pan.how"),
          Entry.words("keys.delete", "keys.delete.how"),
          Entry.words("keys.nudge", "keys.nudge.how"),
          Entry.words("keys.walk", "keys.walk.how"),
          Entry.keys("keys.context-menu", "Shift+F10"),
          Entry.words("keys.add-to-selection", "keys.add-to-selection.how"),
          Entry.keys("keys.free", "Alt"),
          Entry.keys("keys.cancel-drag", "Escape"),
          Entry.words("keys.open-console", "keys.open-console.how"));

  private static final List<Entry> TERMINAL =
      List.of(
          Entry.keys("keys.terminal-copy", "Ctrl+Shift+C, Ctrl+Shift+V"),
          Entry.words("keys.terminal-scroll", "keys.terminal-scroll.how"),
          Entry.keys("keys.terminal-zoom", "Ctrl++, Ctrl+-, Ctrl+0"),
          Entry.keys("keys.terminal-neighbour", "Ctrl+Page Down, Ctrl+Page Up"),
          Entry.keys("keys.terminal-find", "Ctrl+Shift+F"),
          Entry.keys("keys.terminal-side", "Ctrl+Shift+E"),
          Entry.keys("keys.terminal-detach", "Ctrl+Shift+D"),
          Entry.keys("keys.terminal-all", "Ctrl+Shift+B"),
          Entry.keys("keys.terminal-close", "Ctrl+Shift+W"),
          Entry.words("keys.terminal-select", "keys.terminal-select.how"));

  private ShortcutSheet() {}

  static void show(Stage owner, Texts texts, List<Command> commands) {
    int half = (commands.size() + 1) / 2;
    GridPane left = grid(texts.get("keys.commands"));
    commands.subList(0, half).forEach(command -> row(left, command));
    GridPane middle = grid("");
    commands.subList(half, commands.size()).forEach(command -> row(middle, command));
    GridPane right = grid(texts.get("keys.canvas"));
    CANVAS.forEach(entry -> row(right, texts, entry));
    heading(right, texts.get("keys.terminal"));
    TERMINAL.forEach(entry -> row(right, texts, entry));
    Dialogs.show(
        owner, texts, texts.get("command.shortcuts"), new HBox(40, left, middle, right));
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

  private static void row(GridPane grid, Command command) {
    String name = command.text().split(":", 2)[0];
    row(grid, name, command.keys().map(keys -> keys.getDisplayText()).orElse(""));
  }

  private static void row(GridPane grid, Texts texts, Entry entry) {
    row(grid, texts.get(entry.text()), entry.said() ? texts.get(entry.keys()) : entry.keys());
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
