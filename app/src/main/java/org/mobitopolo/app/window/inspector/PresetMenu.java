// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javafx.scene.control.MenuButton;
import javafx.scene.control.MenuItem;
import org.mobitopolo.app.window.text.Texts;

/** A button that names the preset in use, and offers the others. */
final class PresetMenu<P extends Enum<P>> extends MenuButton {
  private final Texts texts;
  private final Supplier<Optional<P>> current;

  PresetMenu(Texts texts, List<P> presets, Supplier<Optional<P>> current, Consumer<P> chosen) {
    this.texts = texts;
    this.current = current;
    setMaxWidth(Double.MAX_VALUE);
    setAccessibleText(texts.get("preset.choose"));
    for (P preset : presets) {
      MenuItem item = new MenuItem(texts.name(preset));
      item.setOnAction(_ -> chosen.accept(preset));
      getItems().add(item);
    }
    refresh();
  }

  /** Shows the name of the preset in use, or that the values are the user's own. */
  void refresh() {
    setText(current.get().map(texts::name).orElse(texts.get("preset.own")));
  }
}
