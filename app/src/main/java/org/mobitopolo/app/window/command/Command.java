// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.command;

import java.util.Optional;
import javafx.beans.property.BooleanProperty;
import javafx.beans.property.SimpleBooleanProperty;
import javafx.beans.property.SimpleStringProperty;
import javafx.beans.property.StringProperty;
import javafx.beans.value.ObservableValue;
import javafx.scene.control.Button;
import javafx.scene.control.MenuItem;
import javafx.scene.control.Tooltip;
import javafx.scene.input.KeyCombination;
import org.mobitopolo.icons.Icon;
import org.mobitopolo.icons.IconView;
import org.mobitopolo.icons.Icons;

/**
 * Something the user can do: one text, icon, key and condition for the menu, the tool bar, context
 * menus and the sheet of shortcuts.
 */
public final class Command {
  private static final int MENU_ICON = 16;
  private static final int TOOL_ICON = 18;

  private final StringProperty text;
  private final Optional<Icon> icon;
  private final Optional<KeyCombination> keys;
  private final BooleanProperty disabled = new SimpleBooleanProperty();
  private final Runnable action;

  private Command(
      String text, Optional<Icon> icon, Optional<KeyCombination> keys, Runnable action) {
    this.text = new SimpleStringProperty(text);
    this.icon = icon;
    this.keys = keys;
    this.action = action;
  }

  /**
   * @param keys as {@link KeyCombination#valueOf} reads them, or empty
   * @param icon may be null
   */
  public static Command of(String text, Icon icon, String keys, Runnable action) {
    Optional<KeyCombination> combination =
        keys.isEmpty() ? Optional.empty() : Optional.of(KeyCombination.valueOf(keys));
    return new Command(text, Optional.ofNullable(icon), combination, action);
  }

  /** Makes the command available only while the value is false. */
  public Command disabledWhen(ObservableValue<Boolean> value) {
    disabled.bind(value);
    return this;
  }

  /** Lets the text follow a value. */
  public Command named(ObservableValue<String> value) {
    text.bind(value);
    return this;
  }

  public String text() {
    return text.get();
  }

  public Optional<KeyCombination> keys() {
    return keys;
  }

  public boolean isDisabled() {
    return disabled.get();
  }

  /** Does it, unless it is disabled. */
  public void run() {
    if (!disabled.get()) {
      action.run();
    }
  }

  public MenuItem menuItem() {
    MenuItem item = new MenuItem();
    item.textProperty().bind(text);
    item.disableProperty().bind(disabled);
    keys.ifPresent(item::setAccelerator);
    icon.ifPresent(name -> item.setGraphic(Icons.view(name, MENU_ICON)));
    item.setOnAction(_ -> run());
    return item;
  }

  /**
   * A menu item without the key, for context menus, whose keys would otherwise be registered once
   * more.
   */
  public MenuItem contextItem() {
    MenuItem item = menuItem();
    item.setAccelerator(null);
    return item;
  }

  /** A flat button with the icon alone and the text as its tooltip. */
  public Button toolButton() {
    Button button = new Button();
    button.getStyleClass().addAll("button-icon", "flat", "tool-button");
    icon.ifPresent(
        name -> {
          IconView view = Icons.view(name, TOOL_ICON);
          button.setGraphic(view);
        });
    button.disableProperty().bind(disabled);
    button.setFocusTraversable(false);
    button.accessibleTextProperty().bind(text);
    Tooltip tooltip = new Tooltip();
    tooltip
        .textProperty()
        .bind(
            text.map(
                name -> keys.map(key -> name + "  (" + key.getDisplayText() + ")").orElse(name)));
    button.setTooltip(tooltip);
    button.setOnAction(_ -> run());
    return button;
  }
}
