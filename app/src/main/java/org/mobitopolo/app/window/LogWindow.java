// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import javafx.geometry.Insets;
import javafx.scene.control.Button;
import javafx.scene.control.Tab;
import javafx.scene.control.TabPane;
import javafx.scene.control.TextArea;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.HBox;
import javafx.stage.Stage;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.task.LabException;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Topology;

/**
 * The logs of a VM in a window of its own: the start-up script's output and the kernel's messages.
 */
final class LogWindow {
  private static final int TAIL = 256 * 1024;

  private LogWindow() {}

  static void open(WindowContext context, Stage owner, Lab lab, String node, Topology topology) {
    TabPane tabs =
        new TabPane(
            tab(context, lab, node, context.texts().get("log.startup"), Lab.LogKind.STARTUP),
            tab(context, lab, node, context.texts().get("log.kernel"), Lab.LogKind.KERNEL));
    tabs.setTabClosingPolicy(TabPane.TabClosingPolicy.UNAVAILABLE);
    String title =
        context.texts().get("log.title", topology.node(node).map(Node::name).orElse(node));
    ToolWindow.show(context, owner, title, tabs);
  }

  private static Tab tab(
      WindowContext context, Lab lab, String node, String title, Lab.LogKind kind) {
    TextArea area = new TextArea(context.texts().get("log.reading"));
    area.setEditable(false);
    area.getStyleClass().add("code");
    Button again = new Button(context.texts().get("log.again"));
    again.getStyleClass().add("small");
    again.setOnAction(_ -> read(context, lab, node, kind, area));
    HBox bar = new HBox(again);
    bar.setPadding(new Insets(6));
    read(context, lab, node, kind, area);
    return new Tab(title, new BorderPane(area, null, null, bar, null));
  }

  private static void read(
      WindowContext context, Lab lab, String node, Lab.LogKind kind, TextArea area) {
    context
        .io()
        .execute(
            () -> {
              String text;
              try {
                text = lab.log(node, kind, TAIL);
              } catch (LabException e) {
                text = e.getMessage();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
              }
              String shown = text.isEmpty() ? context.texts().get("log.empty") : text;
              context
                  .fx()
                  .execute(
                      () -> {
                        area.setText(shown);
                        area.positionCaret(shown.length());
                      });
            });
  }
}
