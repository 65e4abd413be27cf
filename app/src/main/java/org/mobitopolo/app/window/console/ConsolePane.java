// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.console;

import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;
import javafx.application.Platform;
import javafx.beans.InvalidationListener;
import javafx.beans.property.ReadOnlyBooleanProperty;
import javafx.beans.property.ReadOnlyBooleanWrapper;
import javafx.beans.value.ObservableValue;
import javafx.scene.control.ContextMenu;
import javafx.scene.control.MenuItem;
import javafx.scene.control.Tab;
import javafx.scene.control.TabPane;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyCodeCombination;
import javafx.scene.input.KeyCombination;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.StackPane;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.terminal.TerminalView;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.topology.Node;

/**
 * The consoles of a lab, a tab each. A tab can be closed and opened again at any time. In a
 * terminal, Ctrl+Shift+W closes its tab and Ctrl+PageUp and Ctrl+PageDown go to its neighbours.
 */
public final class ConsolePane extends StackPane {
  private static final KeyCombination CLOSE =
      new KeyCodeCombination(KeyCode.W, KeyCombination.CONTROL_DOWN, KeyCombination.SHIFT_DOWN);
  private static final KeyCombination PREVIOUS =
      new KeyCodeCombination(KeyCode.PAGE_UP, KeyCombination.CONTROL_DOWN);
  private static final KeyCombination NEXT =
      new KeyCodeCombination(KeyCode.PAGE_DOWN, KeyCombination.CONTROL_DOWN);

  private final LabDocument document;
  private final ObservableValue<Boolean> dark;
  private final Texts texts;
  private final IntSupplier fontSize;
  private final TabPane tabs = new TabPane();
  private final ReadOnlyBooleanWrapper empty = new ReadOnlyBooleanWrapper(true);
  private final InvalidationListener updater = _ -> update();

  public ConsolePane(
      LabDocument document, Texts texts, IntSupplier fontSize, ObservableValue<Boolean> dark) {
    this.document = document;
    this.texts = texts;
    this.fontSize = fontSize;
    this.dark = dark;
    getStyleClass().add("console-pane");
    tabs.setTabClosingPolicy(TabPane.TabClosingPolicy.ALL_TABS);
    tabs.setTabDragPolicy(TabPane.TabDragPolicy.REORDER);
    tabs.getStyleClass().add("console-tabs");
    getChildren().add(tabs);
    document.topology().addListener(updater);
    document.state().addListener(updater);
    addEventFilter(KeyEvent.KEY_PRESSED, this::keyPressed);
  }

  /** Whether there is no tab, so that the pane need not be shown. */
  public ReadOnlyBooleanProperty empty() {
    return empty.getReadOnlyProperty();
  }

  /**
   * Opens the console of a VM, or goes to its tab, and puts the focus into the terminal. Nothing
   * happens before the lab is there.
   */
  public void open(String node) {
    document
        .lab()
        .get()
        .ifPresent(
            lab -> {
              ConsoleTab tab =
                  tab(node).orElseGet(() -> add(new ConsoleTab(lab, node, texts, fontSize.getAsInt(), dark, this::start)));
              tabs.getSelectionModel().select(tab);
              // once more after the layout, as the content has only now come into the scene
              tab.terminal().requestFocus();
              Platform.runLater(tab.terminal()::requestFocus);
            });
  }

  /** The terminal of a node's tab, if it is open. */
  public Optional<TerminalView> terminal(String node) {
    return tab(node).map(ConsoleTab::terminal);
  }

  private ConsoleTab add(ConsoleTab tab) {
    tab.setOnClosed(_ -> closed(tab));
    tab.setContextMenu(menu(tab));
    tabs.getTabs().add(tab);
    empty.set(false);
    update();
    return tab;
  }

  private ContextMenu menu(ConsoleTab tab) {
    MenuItem close = new MenuItem(texts.get("word.close"));
    close.setOnAction(_ -> close(tab));
    MenuItem closeOthers = new MenuItem(texts.get("console.close-others"));
    closeOthers.setOnAction(
        _ -> consoleTabs().stream().filter(other -> other != tab).forEach(this::close));
    MenuItem reset = new MenuItem(texts.get("console.reset"));
    reset.setOnAction(_ -> tab.terminal().reset());
    return new ContextMenu(close, closeOthers, reset);
  }

  private void start(String node) {
    document.lab().get().ifPresent(lab -> lab.start(List.of(node)));
  }

  private void close(ConsoleTab tab) {
    tabs.getTabs().remove(tab);
    closed(tab);
  }

  private void closed(ConsoleTab tab) {
    tab.dispose();
    empty.set(tabs.getTabs().isEmpty());
  }

  private Optional<ConsoleTab> tab(String node) {
    return consoleTabs().stream().filter(tab -> tab.node().equals(node)).findFirst();
  }

  private List<ConsoleTab> consoleTabs() {
    return tabs.getTabs().stream().map(ConsoleTab.class::cast).toList();
  }

  private void update() {
    for (ConsoleTab tab : consoleTabs()) {
      Optional<Node> node = document.topology().get().node(tab.node());
      if (node.isPresent()) {
        tab.update(node.get().name(), document.vm(tab.node()));
      } else {
        close(tab);
      }
    }
  }

  private void keyPressed(KeyEvent event) {
    Tab selected = tabs.getSelectionModel().getSelectedItem();
    if (selected == null) {
      return;
    }
    if (CLOSE.match(event)) {
      close((ConsoleTab) selected);
    } else if (PREVIOUS.match(event)) {
      go(-1);
    } else if (NEXT.match(event)) {
      go(1);
    } else {
      return;
    }
    event.consume();
  }

  private void go(int step) {
    int count = tabs.getTabs().size();
    int index = Math.floorMod(tabs.getSelectionModel().getSelectedIndex() + step, count);
    open(((ConsoleTab) tabs.getTabs().get(index)).node());
  }

  /** Closes all consoles. */
  public void dispose() {
    document.topology().removeListener(updater);
    document.state().removeListener(updater);
    consoleTabs().forEach(this::close);
  }
}
