// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.status;

import javafx.beans.InvalidationListener;
import javafx.collections.ListChangeListener;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.host.HostState;
import org.mobitopolo.lab.LabState;
import org.mobitopolo.lab.LinkState;

/**
 * The line at the bottom of the window: hosts and how they are, VMs that run, traffic on the links,
 * tasks.
 */
public final class StatusBar extends HBox {
  private final Texts texts;
  private final HBox hosts = new HBox(2);
  private final Label machines = new Label();
  private final Label traffic = new Label();
  private final HostsModel hostsModel;
  private final TasksButton tasks;
  private final InvalidationListener updater;

  private LabDocument document;

  public StatusBar(Texts texts, HostsModel hostsModel, TasksModel tasksModel) {
    this.texts = texts;
    this.hostsModel = hostsModel;
    tasks = new TasksButton(tasksModel, texts);
    updater = _ -> update();
    getStyleClass().add("status-line");
    setAlignment(Pos.CENTER_LEFT);
    hosts.setAlignment(Pos.CENTER_LEFT);
    Region space = new Region();
    HBox.setHgrow(space, Priority.ALWAYS);
    getChildren().addAll(hosts, machines, traffic, space, tasks);
    hostsModel.hosts().addListener((ListChangeListener<HostState>) _ -> showHosts());
  }

  /** Shows another document, or none with null. */
  public void setDocument(LabDocument newDocument) {
    if (document != null) {
      document.state().removeListener(updater);
      document.topology().removeListener(updater);
    }
    document = newDocument;
    if (document != null) {
      document.state().addListener(updater);
      document.topology().addListener(updater);
    }
    update();
  }

  /** Opens or closes the list of tasks. */
  public void toggleTasks() {
    tasks.toggle();
  }

  private void update() {
    machines.setVisible(document != null);
    traffic.setVisible(document != null);
    if (document == null) {
      hosts.getChildren().clear();
      return;
    }
    LabState state = document.state().get();
    long all = document.topology().get().virtualMachines().count();
    machines.setText(texts.get("status.machines", state.liveVms(), all));
    traffic.setText(texts.get("status.traffic", Units.bitRate(totalRate(state))));
    hostsModel.update(document.topology().get(), state);
  }

  private static double totalRate(LabState state) {
    return state.links().values().stream().mapToDouble(StatusBar::rate).sum();
  }

  private static double rate(LinkState link) {
    return link.bytesPerSecondAb() + link.bytesPerSecondBa();
  }

  private void showHosts() {
    hosts.getChildren().setAll(hostsModel.hosts().stream().map(this::hostButton).toList());
  }

  private Node hostButton(HostState host) {
    StateDot dot = new StateDot(texts);
    dot.show(host);
    Button button = new Button(HostStates.name(host.url(), texts));
    button.setGraphic(dot);
    button.setGraphicTextGap(6);
    button.getStyleClass().addAll("flat", "small", "status-button");
    button.setFocusTraversable(false);
    button.setTooltip(new Tooltip(HostStates.describe(host, texts)));
    button.setOnAction(_ -> HostCard.show(button, host, texts, () -> hostsModel.retry(host.url())));
    return button;
  }
}
