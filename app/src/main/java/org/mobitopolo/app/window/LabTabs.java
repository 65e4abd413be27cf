// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javafx.application.Platform;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.css.PseudoClass;
import javafx.scene.Node;
import javafx.scene.Scene;
import javafx.scene.control.Tab;
import javafx.scene.control.TabPane;
import javafx.scene.input.MouseEvent;
import javafx.scene.layout.StackPane;

/**
 * The open labs, a tab each; a single one has the place for itself, without a tab to be seen. With
 * none, another page is shown. FX thread.
 */
final class LabTabs extends StackPane {
  private static final PseudoClass SINGLE = PseudoClass.getPseudoClass("single");

  private final Consumer<OpenLab> closeRequests;
  private final TabPane tabs = new TabPane();
  private final List<OpenLab> open = new ArrayList<>();
  private final ReadOnlyObjectWrapper<Optional<OpenLab>> current =
      new ReadOnlyObjectWrapper<>(Optional.empty());

  /**
   * @param name what it is called for those who do not see it
   * @param close asked to close a lab whose tab's cross was pressed
   */
  LabTabs(String name, Consumer<OpenLab> close) {
    closeRequests = close;
    tabs.getStyleClass().add("lab-tabs");
    tabs.setAccessibleText(name);
    tabs.setTabDragPolicy(TabPane.TabDragPolicy.REORDER);
    tabs.getSelectionModel()
        .selectedItemProperty()
        .addListener((_, _, tab) -> current.set(of(tab)));
  }

  /** The lab that is seen; empty while none is open. */
  ReadOnlyObjectProperty<Optional<OpenLab>> current() {
    return current.getReadOnlyProperty();
  }

  /** All open labs, in the order in which they were opened. */
  List<OpenLab> all() {
    return List.copyOf(open);
  }

  /** The open lab with this id, if there is one. */
  Optional<OpenLab> find(String lab) {
    return open.stream().filter(candidate -> candidate.is(lab)).findFirst();
  }

  /** Adds a lab and shows it. */
  void add(OpenLab lab) {
    open.add(lab);
    lab.tab().setContent(lab.view());
    // else the tabs would take the focus from what was pressed
    lab.view().addEventHandler(MouseEvent.MOUSE_PRESSED, MouseEvent::consume);
    lab.tab()
        .setOnCloseRequest(
            event -> {
              event.consume();
              closeRequests.accept(lab);
            });
    tabs.getTabs().add(lab.tab());
    getChildren().setAll(tabs);
    select(lab);
    showHeader();
  }

  void select(OpenLab lab) {
    tabs.getSelectionModel().select(lab.tab());
    current.set(Optional.of(lab));
    focusAfterLayout(lab.view().canvas());
  }

  /** A view that was just selected is seen, and so can have the focus, from the next layout on. */
  private void focusAfterLayout(Node node) {
    Scene scene = getScene();
    scene.addPostLayoutPulseListener(
        new Runnable() {
          @Override
          public void run() {
            scene.removePostLayoutPulseListener(this);
            node.requestFocus();
          }
        });
    Platform.requestNextPulse();
  }

  /** Takes a lab away; another one is shown then, if there is one. */
  void remove(OpenLab lab) {
    open.remove(lab);
    tabs.getTabs().remove(lab.tab());
    lab.dispose();
    current.set(of(tabs.getSelectionModel().getSelectedItem()));
    showHeader();
  }

  /** Shows a page while no lab is open. */
  void showPage(Node page) {
    getChildren().setAll(page);
  }

  private void showHeader() {
    tabs.pseudoClassStateChanged(SINGLE, open.size() < 2);
    tabs.setTabMaxHeight(open.size() < 2 ? 0 : Double.MAX_VALUE);
  }

  private Optional<OpenLab> of(Tab tab) {
    return open.stream().filter(lab -> lab.tab() == tab).findFirst();
  }
}
