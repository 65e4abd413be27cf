// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.console;

import java.util.function.BiConsumer;
import java.util.function.Consumer;
import javafx.application.Platform;
import javafx.beans.value.ObservableValue;
import javafx.css.PseudoClass;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.Tab;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.util.Subscription;
import org.mobitopolo.app.window.status.StateDot;
import org.mobitopolo.app.window.terminal.CanvasTerminal;
import org.mobitopolo.app.window.terminal.TerminalOutput;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.lab.ConsoleStream;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.lab.VmState;

/**
 * One console: a terminal at a VM, in a tab that is named as the node. It follows the VM through
 * migrations and restarts; while there is no connection a strip above the terminal says why, and
 * what was on the screen stays readable.
 */
final class ConsoleTab extends Tab {
  private static final PseudoClass DISCONNECTED = PseudoClass.getPseudoClass("disconnected");
  private static final double EDGE = 8;
  private static final int ROWS = 24;
  private static final int COLUMNS = 80;

  private final String node;
  private final CanvasTerminal terminal;
  private final BorderPane pane = new BorderPane();
  private final StateDot dot;
  private final Label name = new Label();
  private final Label reason = new Label();
  private final Button start = new Button();
  private final HBox strip;
  private final ConsoleFindBar findBar;
  private final Texts texts;
  private final BiConsumer<ConsoleTab, byte[]> typed;
  private final Subscription darkness;
  private ConsoleFeed feed;
  private ConsoleStream stream;

  ConsoleTab(
      Lab lab,
      String node,
      Texts texts,
      int fontSize,
      ObservableValue<Boolean> dark,
      Consumer<String> startNode,
      BiConsumer<ConsoleTab, byte[]> typed) {
    this.node = node;
    this.texts = texts;
    this.typed = typed;
    dot = new StateDot(texts);
    start.setText(texts.get("word.start"));
    terminal = new CanvasTerminal(node, texts, fontSize, dark.getValue());
    darkness = dark.subscribe(now -> terminal.setDark(now));

    Region space = new Region();
    HBox.setHgrow(space, Priority.ALWAYS);
    start.getStyleClass().addAll("small", "accent");
    start.setOnAction(_ -> startNode.accept(node));
    strip = new HBox(8, reason, space, start);
    strip.setAlignment(Pos.CENTER_LEFT);
    strip.getStyleClass().add("console-strip");

    findBar = new ConsoleFindBar(terminal, texts);
    StackPane.setAlignment(findBar, Pos.TOP_RIGHT);
    StackPane.setMargin(findBar, new Insets(EDGE, 3 * EDGE, 0, 0));
    pane.setCenter(new StackPane(terminal.node(), findBar));
    pane.getStyleClass().add("console");
    HBox header = new HBox(6, dot, name);
    header.setAlignment(Pos.CENTER);
    setGraphic(header);
    terminal
        .title()
        .addListener((_, _, title) -> setTooltip(title.isEmpty() ? null : new Tooltip(title)));
    // only what is seen is in the scene, and only that paints
    selectedProperty().addListener((_, _, selected) -> setContent(selected ? pane : null));
    connect(lab);
  }

  /** Connects with the node as it is in this lab: a lab that was rolled back is another one. */
  void connect(Lab lab) {
    disconnect();
    feed =
        new ConsoleFeed(
            terminal,
            () -> Platform.runLater(this::showConnected),
            why -> Platform.runLater(() -> showDisconnected(why)));
    stream = lab.openConsole(node, ROWS, COLUMNS, feed);
    terminal.connect(new StreamOutput(stream, bytes -> typed.accept(this, bytes)));
    if (!stream.connected()) {
      showDisconnected(texts.get("console.connecting"));
    }
  }

  private void disconnect() {
    if (stream != null) {
      feed.close();
      stream.close();
    }
  }

  /**
   * What is typed goes through the pane, which may hand it to all consoles; what the terminal
   * answers by itself goes to its own VM alone.
   */
  private record StreamOutput(ConsoleStream stream, Consumer<byte[]> typed)
      implements TerminalOutput {
    @Override
    public void write(byte[] bytes) {
      typed.accept(bytes);
    }

    @Override
    public void answer(byte[] bytes) {
      stream.write(bytes);
    }

    @Override
    public void resize(int rows, int columns) {
      stream.resize(rows, columns);
    }
  }

  String node() {
    return node;
  }

  String name() {
    return name.getText();
  }

  /** Terminal and strip, to be shown in the tab or in a window. */
  BorderPane pane() {
    return pane;
  }

  /** Sends bytes to the VM. */
  void send(byte[] bytes) {
    stream.write(bytes);
  }

  /** Lets the user search what was written. */
  void find() {
    findBar.open();
  }

  CanvasTerminal terminal() {
    return terminal;
  }

  void update(String newName, VmState state) {
    name.setText(newName);
    dot.show(state);
    boolean canStart =
        switch (state.status()) {
          case STOPPED, CRASHED, PARKED -> true;
          default -> false;
        };
    start.setVisible(canStart);
    start.setManaged(canStart);
  }

  private void showConnected() {
    pane.setTop(null);
    pane.pseudoClassStateChanged(DISCONNECTED, false);
  }

  private void showDisconnected(String why) {
    reason.setText(why);
    pane.setTop(strip);
    pane.pseudoClassStateChanged(DISCONNECTED, true);
  }

  void dispose() {
    darkness.unsubscribe();
    disconnect();
    terminal.dispose();
  }
}
