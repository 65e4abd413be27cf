// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.console;

import javafx.scene.control.CheckMenuItem;
import javafx.scene.control.ContextMenu;
import javafx.scene.control.MenuItem;
import javafx.scene.control.SeparatorMenuItem;
import org.mobitopolo.app.window.text.Texts;

/** What can be done with a console, on its tab. */
final class ConsoleMenu extends ContextMenu {
  ConsoleMenu(Texts texts, ConsolePane pane, ConsoleTab tab) {
    CheckMenuItem all = new CheckMenuItem(texts.get("console.type-into-all"));
    all.selectedProperty().bindBidirectional(pane.typeIntoAll());
    getItems()
        .addAll(
            item(texts.get("console.find"), tab::find),
            item(texts.get("console.other-side"), () -> pane.toOtherSide(tab)),
            item(texts.get("console.detach"), () -> pane.detach(tab)),
            all,
            new SeparatorMenuItem(),
            item(texts.get("console.reset"), tab.terminal()::reset),
            item(texts.get("word.close"), () -> pane.close(tab)),
            item(texts.get("console.close-others"), () -> pane.closeOthers(tab)));
  }

  private static MenuItem item(String name, Runnable action) {
    MenuItem item = new MenuItem(name);
    item.setOnAction(_ -> action.run());
    return item;
  }
}
