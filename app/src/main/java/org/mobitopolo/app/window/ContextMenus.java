// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.util.List;
import java.util.Optional;
import javafx.scene.control.ContextMenu;
import javafx.scene.control.Menu;
import javafx.scene.control.MenuItem;
import javafx.scene.control.SeparatorMenuItem;
import org.mobitopolo.app.window.command.Command;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.inspector.Placement;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.canvas.model.CanvasTarget;
import org.mobitopolo.icons.Icon;
import org.mobitopolo.icons.Icons;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.edit.Composite;
import org.mobitopolo.topology.edit.Edit;

/** The menus of a right click on the canvas. */
final class ContextMenus {
  private static final int ICON = 16;

  private final WindowCommands commands;
  private final Texts texts;

  ContextMenus(WindowCommands commands, Texts texts) {
    this.texts = texts;
    this.commands = commands;
  }

  ContextMenu menuFor(CanvasTarget target, LabDocument document, DocumentView view) {
    WindowCommands c = commands;
    ContextMenu menu = new ContextMenu();
    switch (target.kind()) {
      case NODE -> {
        add(menu, c.start, c.stop, c.console, c.log);
        target.id().ifPresent(id -> menu.getItems().add(captureMenu(id, view)));
        add(menu, new Command[] {null});
        menu.getItems().add(moveMenu(document, view));
        if (view.selectedNodes().size() > 1) {
          menu.getItems().add(arrangeMenu());
          add(menu, c.arrange.link);
        }
        add(menu, null, c.copy, c.cut, c.duplicate, c.keepTemplate, c.rename, c.delete);
      }
      case LINK -> add(menu, c.capture, c.captureToFile, null, c.toggleInspector, null, c.delete);
      case NOTE -> add(menu, c.copy, c.duplicate, c.delete);
      case REGION ->
          add(
              menu,
              c.addMachine,
              c.addClient,
              c.addServer,
              c.addRouter,
              c.addSwitch,
              c.addGateway,
              c.addNote,
              c.addArea,
              c.generate,
              null,
              c.arrange.layered,
              c.arrange.force,
              null,
              c.paste,
              c.rename,
              c.delete);
      case CANVAS ->
          add(
              menu,
              c.addRegion,
              c.addMachine,
              c.addNote,
              c.addArea,
              null,
              c.paste,
              c.selectAll,
              null,
              c.generate,
              c.arrange.layered,
              c.fit,
              c.startAll,
              c.stopAll);
    }
    return menu;
  }

  private static void add(ContextMenu menu, Command... items) {
    for (Command item : items) {
      menu.getItems().add(item == null ? new SeparatorMenuItem() : item.contextItem());
    }
  }

  private Menu arrangeMenu() {
    Menu menu = new Menu(texts.get("menu.arrange"));
    for (Command item : commands.arrange.forSelection()) {
      menu.getItems().add(item == null ? new SeparatorMenuItem() : item.contextItem());
    }
    return menu;
  }

  /** Each interface of a node, in an analyser or to a file. */
  private Menu captureMenu(String node, DocumentView view) {
    Menu menu = new Menu(texts.get("menu.capture"), Icons.view(Icon.CAPTURE, ICON));
    CaptureActions captures = view.captures();
    List<End> places = captures.places(node);
    for (End place : places) {
      menu.getItems().add(item("capture.nic-live", place, () -> captures.analyse(place)));
    }
    menu.getItems().add(new SeparatorMenuItem());
    for (End place : places) {
      menu.getItems().add(item("capture.nic-file", place, () -> captures.save(place)));
    }
    menu.setDisable(places.isEmpty());
    return menu;
  }

  private MenuItem item(String key, End place, Runnable action) {
    MenuItem item = new MenuItem(texts.get(key, place.nic()));
    item.setMnemonicParsing(false);
    item.setOnAction(_ -> action.run());
    return item;
  }

  private Menu moveMenu(LabDocument document, DocumentView view) {
    Menu menu = new Menu(texts.get("menu.move-to"));
    Topology topology = document.topology().get();
    List<Node> nodes =
        view.selectedNodes().stream().flatMap(id -> topology.node(id).stream()).toList();
    for (Region region : topology.regions()) {
      MenuItem item = new MenuItem(region.name());
      item.setMnemonicParsing(false);
      Optional<String> id = Optional.of(region.id());
      item.setDisable(nodes.stream().allMatch(node -> node.region().equals(id)));
      item.setOnAction(_ -> view.actions().edit(move(topology, nodes, region)));
      menu.getItems().add(item);
    }
    menu.setDisable(topology.regions().isEmpty());
    return menu;
  }

  private Edit move(Topology topology, List<Node> nodes, Region region) {
    List<Edit> edits = new java.util.ArrayList<>();
    Topology grown = topology;
    for (Node node : nodes) {
      Edit edit = Placement.of(grown, node, Optional.of(region.id()));
      edits.add(edit);
      grown = edit.apply(grown);
    }
    return edits.size() == 1
        ? edits.getFirst()
        : new Composite(texts.get("move.nodes", edits.size(), region.name()), edits);
  }
}
