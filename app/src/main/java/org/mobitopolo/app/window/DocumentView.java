// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.util.List;
import java.util.Set;
import javafx.beans.InvalidationListener;
import javafx.geometry.Insets;
import javafx.geometry.Orientation;
import javafx.geometry.Pos;
import javafx.scene.control.SplitPane;
import javafx.scene.layout.StackPane;
import javafx.util.Subscription;
import org.mobitopolo.app.window.console.ConsolePane;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.inspector.Inspector;
import org.mobitopolo.app.window.status.MigrationPane;
import org.mobitopolo.app.window.status.MigrationsModel;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.canvas.TopologyCanvas;
import org.mobitopolo.canvas.model.CanvasTarget;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.edit.Edit;

/** One open lab in the window: canvas, inspector at its right, consoles below. */
final class DocumentView extends StackPane {
  private static final double INSPECTOR_SHARE = 0.76;
  private static final double CONSOLE_SHARE = 0.62;
  private static final double EDGE = 12;

  private final LabDocument document;
  private final LabActions actions;
  private final AutoArrange arranger;
  private final Texts texts;
  private final TopologyCanvas canvas = new TopologyCanvas();
  private final SplitPane upper = new SplitPane();
  private final SplitPane whole = new SplitPane();
  private final Inspector inspector;
  private final ConsolePane consoles;
  private final MigrationsModel migrations;
  private final InvalidationListener decorator = _ -> decorate();
  private final Subscription darkness;
  private double inspectorDivider = INSPECTOR_SHARE;
  private double consoleDivider = CONSOLE_SHARE;

  DocumentView(
      WindowContext context, LabDocument document, LabActions actions, MigrationsModel migrations) {
    this.document = document;
    this.actions = actions;
    this.texts = context.texts();
    this.migrations = migrations;
    arranger = new AutoArrange(context, document, canvas::fit);
    inspector = new Inspector(document, context.texts(), id -> canvas.selection().set(Set.of(id)));
    consoles =
        new ConsolePane(
            document,
            context.texts(),
            () -> PreferencesDialog.terminalSize(context),
            context.theme().dark(),
            (title, content) -> ToolWindow.show(context, getScene().getWindow(), title, content));
    MigrationPane migrationPane = new MigrationPane(migrations, context.texts(), document::stay);
    canvas.setPlaceholder(new EmptyHint(context.texts()));
    StackPane drawing = new StackPane(canvas, migrationPane);
    StackPane.setAlignment(migrationPane, Pos.TOP_RIGHT);
    StackPane.setMargin(migrationPane, new Insets(EDGE));
    drawing.setMinSize(200, 120);

    upper.getItems().addAll(drawing, inspector);
    SplitPane.setResizableWithParent(inspector, false);
    upper.setDividerPositions(inspectorDivider);
    whole.setOrientation(Orientation.VERTICAL);
    whole.getItems().add(upper);
    SplitPane.setResizableWithParent(consoles, false);
    getChildren().add(whole);

    darkness = context.theme().dark().subscribe(canvas::setDark);
    canvas.setOnEdit(actions::edit);
    canvas.setOnOpen(this::open);
    canvas.setDropAdvisor(new DropJudge(document, context.texts()));
    canvas.selection().idsProperty().subscribe(inspector::show);
    consoles.empty().subscribe(empty -> setConsolesShown(!empty));
    document.topology().subscribe(canvas::setTopology);
    document.topology().addListener(decorator);
    document.state().addListener(decorator);
    decorate();
  }

  /**
   * A double click: a VM's console; of all else the properties, which the selection shows already.
   */
  private void open(CanvasTarget target) {
    if (target.kind() == CanvasTarget.Kind.NODE) {
      target.id().ifPresent(this::openConsole);
    } else if (target.kind() != CanvasTarget.Kind.CANVAS) {
      setInspectorShown(true);
    }
  }

  private void decorate() {
    canvas.setDecorations(
        Decorator.decorate(document.topology().get(), document.state().get(), texts));
    migrations.update(document.topology().get(), document.state().get());
  }

  TopologyCanvas canvas() {
    return canvas;
  }

  Inspector inspector() {
    return inspector;
  }

  ConsolePane consoles() {
    return consoles;
  }

  /** Adds a generated network, selects it and brings everything into view. */
  void generated(Edit edit) {
    Topology before = document.topology().get();
    actions.edit(edit);
    canvas
        .selection()
        .set(
            document.topology().get().nodes().stream()
                .map(Node::id)
                .filter(id -> before.node(id).isEmpty())
                .toList());
    canvas.fit();
  }

  LabActions actions() {
    return actions;
  }

  AutoArrange arranger() {
    return arranger;
  }

  /** Opens the console of a VM; other nodes have none. */
  void openConsole(String node) {
    if (document.topology().get().virtualMachines().anyMatch(vm -> vm.id().equals(node))) {
      consoles.open(node);
    }
  }

  /** Ids of the nodes that are selected. */
  List<String> selectedNodes() {
    return canvas.selection().ids().stream()
        .filter(id -> document.topology().get().node(id).isPresent())
        .toList();
  }

  /** Puts the focus from the canvas into the properties, from there into the consoles, and back. */
  void focusNextPart() {
    if (canvas.isFocusWithin() && isInspectorShown()) {
      inspector.requestFocus();
    } else if (!consoles.isFocusWithin() && areConsolesShown()) {
      consoles.focusTerminal();
    } else {
      canvas.requestFocus();
    }
  }

  boolean isInspectorShown() {
    return upper.getItems().contains(inspector);
  }

  void setInspectorShown(boolean shown) {
    if (shown && !isInspectorShown()) {
      upper.getItems().add(inspector);
      upper.setDividerPositions(inspectorDivider);
    } else if (!shown && isInspectorShown()) {
      inspectorDivider = upper.getDividerPositions()[0];
      upper.getItems().remove(inspector);
    }
  }

  boolean areConsolesShown() {
    return whole.getItems().contains(consoles);
  }

  void setConsolesShown(boolean shown) {
    if (shown && !areConsolesShown()) {
      boolean fitted = showsEverything();
      whole.getItems().add(consoles);
      whole.setDividerPositions(consoleDivider);
      whole.layout();
      if (fitted) {
        canvas.fitAtOnce();
      }
    } else if (!shown && areConsolesShown()) {
      consoleDivider = whole.getDividerPositions()[0];
      whole.getItems().remove(consoles);
      canvas.requestFocus();
    }
  }

  private boolean showsEverything() {
    Topology topology = document.topology().get();
    Point first = canvas.toWorld(0, 0);
    Point last = canvas.toWorld(canvas.getWidth(), canvas.getHeight());
    Bounds seen =
        new Bounds(
            first.x(),
            first.y(),
            Math.max(0, last.x() - first.x()),
            Math.max(0, last.y() - first.y()));
    return topology.nodes().stream().allMatch(node -> seen.contains(node.position()))
        && topology.regions().stream().allMatch(region -> seen.contains(region.bounds().centre()));
  }

  void dispose() {
    arranger.cancel();
    document.state().removeListener(decorator);
    document.topology().removeListener(decorator);
    darkness.unsubscribe();
    inspector.dispose();
    consoles.dispose();
  }
}
