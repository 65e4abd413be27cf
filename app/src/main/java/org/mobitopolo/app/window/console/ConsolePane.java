// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.console;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import javafx.application.Platform;
import javafx.beans.InvalidationListener;
import javafx.beans.Observable;
import javafx.beans.property.BooleanProperty;
import javafx.beans.property.ReadOnlyBooleanProperty;
import javafx.beans.property.ReadOnlyBooleanWrapper;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.SimpleBooleanProperty;
import javafx.beans.value.ObservableValue;
import javafx.scene.Group;
import javafx.scene.Parent;
import javafx.scene.Scene;
import javafx.scene.control.SplitPane;
import javafx.scene.control.Tab;
import javafx.scene.control.TabPane;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyCodeCombination;
import javafx.scene.input.KeyCombination;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.BorderPane;
import javafx.stage.Stage;
import javafx.util.Subscription;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.terminal.TerminalView;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.topology.Node;

/**
 * The consoles of a lab, a tab each, on one side or two beside each other; a console can also have
 * a window of its own. A tab can be closed and opened again at any time.
 */
public final class ConsolePane extends BorderPane {
  static final KeyCombination CLOSE = key(KeyCode.W);
  static final KeyCombination FIND = key(KeyCode.F);
  static final KeyCombination DETACH = key(KeyCode.D);
  static final KeyCombination OTHER_SIDE = key(KeyCode.E);
  static final KeyCombination TYPE_INTO_ALL = key(KeyCode.B);
  private static final KeyCombination PREVIOUS =
      new KeyCodeCombination(KeyCode.PAGE_UP, KeyCombination.CONTROL_DOWN);
  private static final KeyCombination NEXT =
      new KeyCodeCombination(KeyCode.PAGE_DOWN, KeyCombination.CONTROL_DOWN);

  private final LabDocument document;
  private final Texts texts;
  private final IntSupplier fontSize;
  private final ObservableValue<Boolean> dark;
  private final BiFunction<String, Parent, Stage> windows;
  private final TabPane left = side();
  private final TabPane right = side();
  private final SplitPane sides = new SplitPane(left);
  private final Map<ConsoleTab, Stage> detached = new LinkedHashMap<>();
  private final BooleanProperty typeIntoAll = new SimpleBooleanProperty();
  private final ReadOnlyBooleanWrapper empty = new ReadOnlyBooleanWrapper(true);
  private final InvalidationListener updater = _ -> update();
  private final Subscription reconnecting;

  /**
   * @param fontSize of new terminals, in points
   * @param windows shows a window with a title and a content
   */
  public ConsolePane(
      LabDocument document,
      Texts texts,
      IntSupplier fontSize,
      ObservableValue<Boolean> dark,
      BiFunction<String, Parent, Stage> windows) {
    this.document = document;
    this.texts = texts;
    this.fontSize = fontSize;
    this.dark = dark;
    this.windows = windows;
    getStyleClass().add("console-pane");
    setCenter(sides);
    TypeIntoAllStrip strip = new TypeIntoAllStrip(texts, () -> typeIntoAll.set(false));
    typeIntoAll.subscribe(on -> setTop(on ? strip : null));
    document.topology().addListener(updater);
    document.state().addListener(updater);
    reconnecting =
        document.lab().subscribe(lab -> lab.ifPresent(now -> all().forEach(tab -> tab.connect(now))));
  }

  private static KeyCombination key(KeyCode code) {
    return new KeyCodeCombination(code, KeyCombination.CONTROL_DOWN, KeyCombination.SHIFT_DOWN);
  }

  private static TabPane side() {
    TabPane tabs = new TabPane();
    tabs.setTabClosingPolicy(TabPane.TabClosingPolicy.ALL_TABS);
    tabs.setTabDragPolicy(TabPane.TabDragPolicy.REORDER);
    tabs.getStyleClass().add("console-tabs");
    return tabs;
  }

  /** Whether there is no tab, so that the pane need not be shown. */
  public ReadOnlyBooleanProperty empty() {
    return empty.getReadOnlyProperty();
  }

  /** Whether what is typed into one console goes to all of them. */
  BooleanProperty typeIntoAll() {
    return typeIntoAll;
  }

  /**
   * Opens the console of a VM, or goes to its tab or window, and puts the focus into the terminal.
   * Nothing happens before the lab is there.
   */
  public void open(String node) {
    document
        .lab()
        .get()
        .ifPresent(
            lab -> {
              ConsoleTab tab =
                  tab(node)
                      .orElseGet(
                          () ->
                              add(
                                  new ConsoleTab(
                                      lab,
                                      node,
                                      texts,
                                      fontSize.getAsInt(),
                                      dark,
                                      this::start,
                                      this::typed)));
              show(tab);
            });
  }

  private void show(ConsoleTab tab) {
    if (detached.containsKey(tab)) {
      detached.get(tab).toFront();
    } else {
      tab.getTabPane().getSelectionModel().select(tab);
    }
    tab.terminal().requestFocus();
    Platform.runLater(() -> focusSoon(tab));
  }

  /** A tab that was just added or moved comes into the scene with the next layout. */
  private static void focusSoon(ConsoleTab tab) {
    ReadOnlyObjectProperty<Scene> scene = tab.terminal().node().sceneProperty();
    if (scene.get() != null) {
      tab.terminal().requestFocus();
      return;
    }
    scene.addListener(
        new InvalidationListener() {
          @Override
          public void invalidated(Observable changed) {
            if (scene.get() != null) {
              scene.removeListener(this);
              Platform.runLater(tab.terminal()::requestFocus);
            }
          }
        });
  }

  /** Puts the focus into the terminal that is seen. */
  public void focusTerminal() {
    Optional.ofNullable((ConsoleTab) left.getSelectionModel().getSelectedItem())
        .ifPresent(tab -> tab.terminal().requestFocus());
  }

  /** The terminal of a node's console, if it is open. */
  public Optional<TerminalView> terminal(String node) {
    return tab(node).map(ConsoleTab::terminal);
  }

  private ConsoleTab add(ConsoleTab tab) {
    tab.setOnClosed(_ -> closed(tab));
    tab.setContextMenu(new ConsoleMenu(texts, this, tab));
    tab.pane().addEventFilter(KeyEvent.KEY_PRESSED, event -> keyPressed(tab, event));
    left.getTabs().add(tab);
    tabsChanged();
    update();
    return tab;
  }

  private void start(String node) {
    document.lab().get().ifPresent(lab -> lab.start(List.of(node)));
  }

  private void typed(ConsoleTab into, byte[] bytes) {
    if (typeIntoAll.get()) {
      all().toList().forEach(tab -> tab.send(bytes));
    } else {
      into.send(bytes);
    }
  }

  void close(ConsoleTab tab) {
    if (detached.containsKey(tab)) {
      attach(tab);
    }
    tab.getTabPane().getTabs().remove(tab);
    closed(tab);
  }

  void closeOthers(ConsoleTab tab) {
    all().filter(other -> other != tab).toList().forEach(this::close);
  }

  private void closed(ConsoleTab tab) {
    tab.dispose();
    tabsChanged();
  }

  /** Puts a tab beside the others, or back to them. */
  void toOtherSide(ConsoleTab tab) {
    if (detached.containsKey(tab)) {
      return;
    }
    TabPane from = tab.getTabPane();
    from.getTabs().remove(tab);
    (from == left ? right : left).getTabs().add(tab);
    tabsChanged();
    show(tab);
  }

  /** Gives a console a window of its own; closing that brings the tab back. */
  void detach(ConsoleTab tab) {
    if (detached.containsKey(tab)) {
      detached.get(tab).close();
      return;
    }
    tab.getTabPane().getTabs().remove(tab);
    tabsChanged();
    Stage stage = windows.apply(tab.name(), tab.pane());
    stage.setOnHidden(_ -> attach(tab));
    detached.put(tab, stage);
    show(tab);
  }

  private void attach(ConsoleTab tab) {
    Stage stage = detached.remove(tab);
    if (stage != null) {
      stage.getScene().setRoot(new Group());
      stage.setOnHidden(null);
      stage.close();
      left.getTabs().add(tab);
      tabsChanged();
      show(tab);
    }
  }

  /** The right side is there only while it is needed. */
  private void tabsChanged() {
    if (left.getTabs().isEmpty() && !right.getTabs().isEmpty()) {
      List<Tab> moved = List.copyOf(right.getTabs());
      right.getTabs().clear();
      left.getTabs().addAll(moved);
    }
    boolean split = !right.getTabs().isEmpty();
    if (split && !sides.getItems().contains(right)) {
      sides.getItems().add(right);
      sides.setDividerPositions(0.5);
    } else if (!split) {
      sides.getItems().remove(right);
    }
    empty.set(left.getTabs().isEmpty());
  }

  private Optional<ConsoleTab> tab(String node) {
    return all().filter(tab -> tab.node().equals(node)).findFirst();
  }

  private Stream<ConsoleTab> all() {
    return Stream.concat(
        Stream.concat(left.getTabs().stream(), right.getTabs().stream())
            .map(ConsoleTab.class::cast),
        detached.keySet().stream());
  }

  private void update() {
    for (ConsoleTab tab : all().toList()) {
      Optional<Node> node = document.topology().get().node(tab.node());
      if (node.isPresent()) {
        tab.update(node.get().name(), document.vm(tab.node()));
        Optional.ofNullable(detached.get(tab)).ifPresent(stage -> stage.setTitle(tab.name()));
      } else {
        close(tab);
      }
    }
  }

  private void keyPressed(ConsoleTab tab, KeyEvent event) {
    if (CLOSE.match(event)) {
      close(tab);
    } else if (FIND.match(event)) {
      tab.find();
    } else if (DETACH.match(event)) {
      detach(tab);
    } else if (OTHER_SIDE.match(event)) {
      toOtherSide(tab);
    } else if (TYPE_INTO_ALL.match(event)) {
      typeIntoAll.set(!typeIntoAll.get());
    } else if (PREVIOUS.match(event)) {
      go(tab, -1);
    } else if (NEXT.match(event)) {
      go(tab, 1);
    } else {
      return;
    }
    event.consume();
  }

  private void go(ConsoleTab from, int step) {
    List<ConsoleTab> tabs = all().toList();
    show(tabs.get(Math.floorMod(tabs.indexOf(from) + step, tabs.size())));
  }

  /** Closes all consoles. */
  public void dispose() {
    document.topology().removeListener(updater);
    document.state().removeListener(updater);
    reconnecting.unsubscribe();
    all().toList().forEach(this::close);
  }
}
