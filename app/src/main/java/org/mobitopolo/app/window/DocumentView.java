// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import javafx.beans.InvalidationListener;
import javafx.beans.binding.Bindings;
import javafx.beans.value.ObservableValue;
import javafx.geometry.BoundingBox;
import javafx.geometry.Insets;
import javafx.geometry.Orientation;
import javafx.geometry.Pos;
import javafx.scene.control.SplitPane;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.StackPane;
import javafx.stage.Stage;
import javafx.util.Subscription;
import org.mobitopolo.app.window.console.ConsolePane;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.inspector.Inspector;
import org.mobitopolo.app.window.inspector.ScriptEditor;
import org.mobitopolo.app.window.palette.Part;
import org.mobitopolo.app.window.palette.PartsPane;
import org.mobitopolo.app.window.palette.Template;
import org.mobitopolo.app.window.status.MigrationDetails;
import org.mobitopolo.app.window.status.MigrationPane;
import org.mobitopolo.app.window.status.MigrationsModel;
import org.mobitopolo.app.window.status.Notice;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.canvas.TopologyCanvas;
import org.mobitopolo.canvas.model.CanvasTarget;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Note;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.edit.Edit;

/** One open lab in the window: canvas, inspector at its right, consoles below. */
final class DocumentView extends StackPane {
  private static final double INSPECTOR_SHARE = 0.76;
  private static final double CONSOLE_SHARE = 0.62;
  private static final double EDGE = 12;
  private static final double NODE_HALF = 44;

  private final LabDocument document;
  private final LabActions actions;
  private final AutoArrange arranger;
  private final Texts texts;
  private final TopologyCanvas canvas = new TopologyCanvas();
  private final BorderPane body = new BorderPane();
  private final SplitPane upper = new SplitPane();
  private final PartsPane parts;
  private final SplitPane whole = new SplitPane();
  private final CaptureActions captures;
  private final Inspector inspector;
  private final ConsolePane consoles;
  private final MigrationsModel migrations;
  private final MigrationDetails details;
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
    captures = new CaptureActions(context, document, () -> getScene().getWindow());
    inspector =
        new Inspector(
            document,
            context.texts(),
            context.library(),
            id -> canvas.selection().set(Set.of(id)),
            node -> editScript(context, node),
            this::capture);
    parts =
        new PartsPane(
            canvas,
            this,
            BuiltInParts.of(context.texts()),
            context.library(),
            context.texts(),
            this::place,
            template -> remove(context, template));
    consoles =
        new ConsolePane(
            document,
            context.texts(),
            () -> PreferencesDialog.terminalSize(context),
            context.theme().dark(),
            (title, content) -> ToolWindow.show(context, getScene().getWindow(), title, content));
    MigrationPane migrationPane = 
        new MigrationPane(
            migrations, context.texts(), document::stay, this::showMigrationOf);
    details = new MigrationDetails(migrations, context.texts(), document::stay);
    canvas.setOnProgress((node, place) -> details.show(canvas, node, place));
    canvas.setPlaceholder(new EmptyHint(context.texts()));
    StackPane drawing = new StackPane(canvas, migrationPane);
    StackPane.setAlignment(migrationPane, Pos.TOP_RIGHT);
    StackPane.setMargin(migrationPane, new Insets(EDGE));
    drawing.setMinSize(200, 120);

    upper.getItems().addAll(drawing, inspector);
    SplitPane.setResizableWithParent(inspector, false);
    upper.setDividerPositions(inspectorDivider);
    whole.setOrientation(Orientation.VERTICAL);
    body.setCenter(upper);
    whole.getItems().add(body);
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

  /** Shows the migration of a node beside the node, or at the edge beyond which that lies. */
  private void showMigrationOf(String id) {
    document
        .topology()
        .get()
        .node(id)
        .ifPresent(
            node -> {
              Point place = canvas.toView(node.position());
              double x = Math.clamp(place.x(), 0, canvas.getWidth());
              double y = Math.clamp(place.y(), 0, canvas.getHeight());
              details.show(canvas, id, canvas.localToScreen(new BoundingBox(x, y, 0, NODE_HALF)));
            });
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

  private void editScript(WindowContext context, String node) {
    ScriptEditor editor = new ScriptEditor(document, texts, node);
    String name = document.topology().get().node(node).map(Node::name).orElse(node);
    Stage stage =
        ToolWindow.show(context, getScene().getWindow(), texts.get("script.title", name), editor);
    stage.setOnHiding(_ -> editor.commit());
    editor.focus();
  }

  CaptureActions captures() {
    return captures;
  }

  /** Captures what passes a link or a node's first interface, at once or to a file. */
  void capture(String id, boolean toFile) {
    captures.places(id).stream()
        .findFirst()
        .ifPresent(
            place -> {
              if (toFile) {
                captures.save(place);
              } else {
                captures.analyse(place);
              }
            });
  }

  /** Adds a generated network, selects it and brings everything into view. */
  void generated(Edit edit) {
    add(edit);
    canvas.fit();
  }

  /** Adds what comes from the palette, and selects it. */
  private void place(Part part, Point place) {
    Topology topology = document.topology().get();
    boolean covers = topology.nodes().stream().anyMatch(node -> node.position().equals(place));
    Point free = covers ? canvas.freePlace(place) : place;
    add(part.addition().apply(topology, free));
  }

  private static void remove(WindowContext context, Template template) {
    context
        .library()
        .remove(
            template,
            reason ->
                context
                    .notices()
                    .show(Notice.error(context.texts().get("template.not-removed"), reason)));
  }

  /** Makes an edit that adds something, and selects what is new. */
  void add(Edit edit) {
    Topology before = document.topology().get();
    actions.edit(edit);
    Topology after = document.topology().get();
    List<String> added =
        Stream.of(
                after.nodes().stream().map(Node::id),
                after.notes().stream().map(Note::id),
                after.regions().stream().map(Region::id))
            .flatMap(ids -> ids)
            .filter(id -> !before.hasId(id))
            .toList();
    canvas.selection().set(added);
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

  /** Whether no selected node can be started now. */
  ObservableValue<Boolean> nothingToStart() {
    return nothingOf(document::startable);
  }

  /** Whether no selected node can be stopped now. */
  ObservableValue<Boolean> nothingToStop() {
    return nothingOf(document::stoppable);
  }

  private ObservableValue<Boolean> nothingOf(UnaryOperator<List<String>> able) {
    return Bindings.createBooleanBinding(
        () -> selectedNodes().isEmpty() || able.apply(selectedNodes()).isEmpty(),
        canvas.selection().idsProperty(),
        document.state());
  }

  /**
   * Puts the focus into the next part of the window that is shown: from the canvas to the
   * properties, the consoles, the palette, a part outside of this view, and back.
   */
  void focusNextPart(FocusStop outside) {
    List<FocusStop> stops =
        List.of(
            new FocusStop(canvas, true, canvas::requestFocus),
            new FocusStop(inspector, isInspectorShown(), inspector::focusFirst),
            new FocusStop(consoles, areConsolesShown(), consoles::focusTerminal),
            new FocusStop(parts, arePartsShown(), parts::focusFirst),
            outside);
    List<FocusStop> shown = stops.stream().filter(FocusStop::shown).toList();
    int now = 0;
    for (int i = 0; i < shown.size(); i++) {
      if (shown.get(i).part().isFocusWithin()) {
        now = i + 1;
      }
    }
    shown.get(now % shown.size()).focus().run();
  }

  /** A part of the window that can have the focus. */
  record FocusStop(javafx.scene.Node part, boolean shown, Runnable focus) {}

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

  boolean arePartsShown() {
    return body.getLeft() == parts;
  }

  void setPartsShown(boolean shown) {
    body.setLeft(shown ? parts : null);
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
    details.hide();
    parts.dispose();
    inspector.dispose();
    consoles.dispose();
  }
}
