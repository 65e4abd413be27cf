// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.nio.file.Path;
import java.util.List;
import javafx.geometry.Orientation;
import javafx.scene.Node;
import javafx.scene.control.Menu;
import javafx.scene.control.MenuBar;
import javafx.scene.control.MenuItem;
import javafx.scene.control.RadioMenuItem;
import javafx.scene.control.Separator;
import javafx.scene.control.SeparatorMenuItem;
import javafx.scene.control.ToggleGroup;
import javafx.scene.control.ToolBar;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import org.mobitopolo.app.window.command.Command;
import org.mobitopolo.app.window.theme.Theme;
import org.mobitopolo.canvas.model.LinkLabels;

/** Menu bar and tool bar, both made of the same commands. */
final class MainMenu {
  private final MainWindow window;
  private final WindowCommands commands;

  MainMenu(MainWindow window, WindowCommands commands) {
    this.window = window;
    this.commands = commands;
  }

  MenuBar menuBar() {
    WindowCommands c = commands;
    Menu file =
        menu(
            "menu.file",
            c.newLab,
            c.open,
            null,
            c.importLab,
            null,
            c.save,
            c.saveAs,
            c.exportPicture,
            null,
            c.closeLab,
            c.quit);
    file.getItems().addAll(2, List.of(recentMenu(), menu("menu.samples", c.samples.toArray(Command[]::new))));
    Menu edit =
        menu(
            "menu.edit",
            c.undo,
            c.redo,
            null,
            c.cut,
            c.copy,
            c.paste,
            c.duplicate,
            c.delete,
            null,
            c.selectAll,
            c.rename,
            c.find,
            null,
            c.preferences);
    Menu add =
        menu(
            "menu.add",
            c.addMachine,
            c.addClient,
            c.addServer,
            c.addRouter,
            c.addSwitch,
            c.addGateway,
            null,
            c.addRegion,
            c.addNote,
            c.addArea,
            null,
            c.generate,
            c.keepTemplate);
    Menu arrange = menu("menu.arrange", c.arrange.forMenu());
    Menu lab =
        menu(
            "menu.lab",
            c.startAll,
            c.stopAll,
            null,
            c.start,
            c.stop,
            c.console,
            c.log,
            c.capture,
            c.captureToFile,
            null,
            c.snapshots,
            c.snapshot,
            c.restore,
            c.replicate,
            null,
            c.hosts,
            c.migrations,
            null,
            c.destroy);
    Menu view =
        menu(
            "menu.view",
            c.zoomIn,
            c.zoomOut,
            c.zoomReset,
            c.fit,
            null,
            c.toggleParts,
            c.toggleInspector,
            c.toggleConsoles,
            c.showTasks,
            c.events,
            c.nextPart,
            null);
    view.getItems().addAll(linkLabelsMenu(), themeMenu());
    Menu help = menu("menu.help", c.tour, c.palette, c.shortcuts, c.about);
    MenuBar bar = new MenuBar(file, edit, add, arrange, lab, view, help);
    bar.setUseSystemMenuBar(true);
    return bar;
  }

  ToolBar toolBar() {
    WindowCommands c = commands;
    Region space = new Region();
    HBox.setHgrow(space, Priority.ALWAYS);
    ToolBar bar = new ToolBar();
    bar.getStyleClass().add("main-tool-bar");
    bar.getItems()
        .addAll(tools(c.open, c.save, null, c.undo, c.redo, null, c.startAll, c.stopAll, null));
    bar.getItems()
        .addAll(
            tools(
                c.addMachine,
                c.addRegion,
                c.addNote,
                null,
                c.arrange.layered,
                null,
                c.zoomOut,
                c.zoomIn,
                c.fit));
    bar.getItems().add(space);
    bar.getItems().addAll(tools(c.find, c.toggleParts, c.toggleConsoles, c.toggleInspector, c.toggleTheme));
    return bar;
  }

  /** A menu whose name has this key; null stands for a line between them. */
  private Menu menu(String key, Command... items) {
    Menu menu = new Menu(window.texts().get(key));
    for (Command item : items) {
      menu.getItems().add(item == null ? new SeparatorMenuItem() : item.menuItem());
    }
    return menu;
  }

  private static Node[] tools(Command... items) {
    Node[] nodes = new Node[items.length];
    for (int i = 0; i < items.length; i++) {
      nodes[i] = items[i] == null ? new Separator(Orientation.VERTICAL) : items[i].toolButton();
    }
    return nodes;
  }

  private Menu recentMenu() {
    Menu menu = new Menu(window.texts().get("menu.recent"));
    menu.getItems().add(new MenuItem(window.texts().get("menu.recent-none")));
    menu.getItems().getFirst().setDisable(true);
    menu.setOnShowing(
        _ -> {
          List<Path> files = window.recentFiles();
          if (!files.isEmpty()) {
            menu.getItems().setAll(files.stream().map(this::recentItem).toList());
          }
        });
    return menu;
  }

  private MenuItem recentItem(Path file) {
    MenuItem item = new MenuItem(file.toString());
    item.setMnemonicParsing(false);
    item.setOnAction(_ -> window.open(file));
    return item;
  }

  private Menu linkLabelsMenu() {
    Menu menu = new Menu(window.texts().get("menu.link-labels"));
    ToggleGroup group = new ToggleGroup();
    for (LinkLabels labels : LinkLabels.values()) {
      RadioMenuItem item = new RadioMenuItem(window.texts().name(labels));
      item.setToggleGroup(group);
      item.setSelected(window.linkLabels() == labels);
      item.setOnAction(_ -> window.setLinkLabels(labels));
      menu.getItems().add(item);
    }
    return menu;
  }

  private Menu themeMenu() {
    Menu menu = new Menu(window.texts().get("menu.theme"));
    ToggleGroup group = new ToggleGroup();
    Theme theme = window.theme();
    for (Theme.Choice choice : Theme.Choice.values()) {
      RadioMenuItem item = new RadioMenuItem(window.texts().name(choice));
      item.setToggleGroup(group);
      item.setOnAction(_ -> theme.choice().set(choice));
      theme.choice().subscribe(now -> item.setSelected(now == choice));
      menu.getItems().add(item);
    }
    menu.getItems().addAll(new SeparatorMenuItem(), commands.toggleTheme.menuItem());
    return menu;
  }
}
