// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import javafx.beans.value.ObservableValue;
import org.mobitopolo.app.window.command.Command;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.welcome.Sample;
import org.mobitopolo.icons.Icon;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Symbol;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.edit.AddNode;
import org.mobitopolo.topology.edit.Edit;

/** All commands of the window. They act on the lab that is open and on what is selected in it. */
final class WindowCommands {
  final Command newLab;
  final Command open;
  final List<Command> samples = new ArrayList<>();
  final Command importLab;
  final Command save;
  final Command saveAs;
  final Command exportPicture;
  final Command closeLab;
  final Command quit;

  final Command undo;
  final Command redo;
  final Command cut;
  final Command copy;
  final Command paste;
  final Command duplicate;
  final Command delete;
  final Command selectAll;
  final Command rename;
  final Command find;

  final Command addMachine;
  final Command addClient;
  final Command addServer;
  final Command addRouter;
  final Command addSwitch;
  final Command addGateway;
  final Command addRegion;
  final Command addNote;
  final Command addArea;
  final Command generate;
  final Command keepTemplate;

  final ArrangeCommands arrange;

  final Command startAll;
  final Command stopAll;
  final Command start;
  final Command stop;
  final Command console;
  final Command log;
  final Command capture;
  final Command captureToFile;
  final Command destroy;

  final Command zoomIn;
  final Command zoomOut;
  final Command zoomReset;
  final Command fit;
  final Command toggleTheme;
  final Command toggleParts;
  final Command toggleInspector;
  final Command toggleConsoles;
  final Command showTasks;

  final Command migrations;
  final Command snapshot;
  final Command snapshots;
  final Command restore;
  final Command replicate;
  final Command tour;
  final Command nextPart;
  final Command events;
  final Command hosts;
  final Command palette;
  final Command preferences;
  final Command shortcuts;
  final Command about;

  private final MainWindow window;
  private final List<Command> all = new ArrayList<>();

  WindowCommands(MainWindow window) {
    this.window = window;
    ObservableValue<Boolean> closed = window.current().map(Optional::isEmpty);

    newLab = command("command.new-lab", Icon.ADD, "Shortcut+N", window.desk()::newLab);
    open = command("command.open", Icon.OPEN, "Shortcut+O", window::chooseAndOpen);
    for (Sample sample : Sample.values()) {
      samples.add(
          named(window.texts().name(sample), Icon.SERVER, "", () -> window.openSample(sample)));
    }
    importLab = command("command.import", null, "", window::importLab);
    save =
        command("command.save", Icon.SAVE, "Shortcut+S", window.desk()::save).disabledWhen(closed);
    saveAs =
        command("command.save-as", null, "Shortcut+Shift+S", window.desk()::saveAs)
            .disabledWhen(closed);
    exportPicture =
        command("command.export-picture", Icon.CAPTURE, "", window::exportPicture)
            .disabledWhen(closed);
    closeLab =
        command("command.close-lab", null, "Shortcut+W", window.desk()::closeCurrent)
            .disabledWhen(closed);
    quit = command("command.quit", null, "Shortcut+Q", window::quit);

    ObservableValue<Optional<String>> undoTitle =
        window.ofDocument(LabDocument::undoTitle, Optional.empty());
    ObservableValue<Optional<String>> redoTitle =
        window.ofDocument(LabDocument::redoTitle, Optional.empty());
    undo =
        command("command.undo", Icon.UNDO, "Shortcut+Z", () -> actions(LabActions::undo))
            .named(
                undoTitle.map(
                    title ->
                        window.texts().get("command.undo")
                            + title.map(text -> ": " + text).orElse("")))
            .disabledWhen(undoTitle.map(Optional::isEmpty));
    redo =
        command("command.redo", Icon.REDO, "Shortcut+Y", () -> actions(LabActions::redo))
            .named(
                redoTitle.map(
                    title ->
                        window.texts().get("command.redo")
                            + title.map(text -> ": " + text).orElse("")))
            .disabledWhen(redoTitle.map(Optional::isEmpty));

    ObservableValue<Boolean> nothingSelected =
        window.ofView(view -> view.canvas().selection().idsProperty().map(Set::isEmpty), true);
    cut = command("command.cut", null, "Shortcut+X", this::cut).disabledWhen(nothingSelected);
    copy =
        command("command.copy", Icon.COPY, "Shortcut+C", this::copy).disabledWhen(nothingSelected);
    paste =
        command("command.paste", null, "Shortcut+V", this::paste)
            .disabledWhen(closed);
    duplicate =
        command(
                "command.duplicate",
                null,
                "Shortcut+D",
                () ->
                    document(
                        document ->
                            ClipboardActions.duplicate(document.topology().get(), selection())
                                .ifPresent(edit -> view(view -> view.add(edit)))))
            .disabledWhen(nothingSelected);
    delete =
        command(
                "command.delete",
                Icon.DELETE,
                "",
                () -> view(view -> view.canvas().removeSelected()))
            .disabledWhen(nothingSelected);
    selectAll =
        command(
                "command.select-all",
                null,
                "Shortcut+A",
                () -> view(view -> view.canvas().selectAll()))
            .disabledWhen(closed);
    rename = command("command.rename", null, "F2", this::rename).disabledWhen(nothingSelected);
    find = command("command.find", Icon.SEARCH, "Shortcut+F", window::find).disabledWhen(closed);

    addMachine = addMachine("command.add-machine", Icon.VM, Symbol.VM);
    addClient = addMachine("command.add-client", Icon.CLIENT, Symbol.CLIENT);
    addServer = addMachine("command.add-server", Icon.SERVER, Symbol.SERVER);
    addRouter = addMachine("command.add-router", Icon.ROUTER, Symbol.ROUTER);
    addSwitch = add("command.add-switch", Icon.SWITCH, Additions::networkSwitch);
    addGateway = add("command.add-gateway", Icon.GATEWAY, Additions::gateway);
    addRegion =
        command(
                "command.add-region",
                Icon.REGION,
                "",
                () ->
                    edit(
                        topology ->
                            Optional.of(
                                Additions.region(topology, window.placeOfMenu(), window.texts()))))
            .disabledWhen(closed);
    addNote =
        command(
                "command.add-note",
                Icon.NOTE,
                "",
                () ->
                    edit(
                        topology ->
                            Optional.of(
                                Additions.note(topology, window.placeForNew(), window.texts()))))
            .disabledWhen(closed);

    addArea =
        command(
                "command.add-area",
                Icon.AREA,
                "",
                () ->
                    edit(
                        topology ->
                            Optional.of(
                                Additions.area(topology, window.placeForNew(), window.texts()))))
            .disabledWhen(closed);
    generate =
        command("command.generate", Icon.GENERATE, "Shortcut+G", window::generate)
            .disabledWhen(closed);
    keepTemplate =
        command("command.keep-template", null, "", window::keepTemplate)
            .disabledWhen(nothingSelected);
    arrange = new ArrangeCommands(window, this);

    ObservableValue<Boolean> nothingToStart =
        window.ofDocument(
            document -> document.state().map(_ -> document.startable(List.of()).isEmpty()), true);
    ObservableValue<Boolean> nothingToStop =
        window.ofDocument(
            document -> document.state().map(_ -> document.stoppable(List.of()).isEmpty()), true);
    startAll =
        command(
                "command.start-all",
                Icon.START,
                "Shortcut+R",
                () -> actions(actions -> actions.start(List.of())))
            .disabledWhen(nothingToStart);
    stopAll =
        command(
                "command.stop-all",
                Icon.STOP,
                "Shortcut+Shift+R",
                () -> actions(actions -> actions.stop(List.of())))
            .disabledWhen(nothingToStop);
    start =
        command(
                "command.start",
                Icon.START,
                "",
                () -> withNodes((actions, nodes) -> actions.start(nodes)))
            .disabledWhen(window.ofView(DocumentView::nothingToStart, true));
    stop =
        command(
                "command.stop",
                Icon.STOP,
                "",
                () -> withNodes((actions, nodes) -> actions.stop(nodes)))
            .disabledWhen(window.ofView(DocumentView::nothingToStop, true));
    console =
        command("command.console", Icon.CONSOLE, "Shortcut+E", this::openConsoles)
            .disabledWhen(nothingSelected);
    log = command("command.log", Icon.INFO, "", window.tools()::logs).disabledWhen(nothingSelected);
    capture =
        command(
                "command.capture-live",
                Icon.CAPTURE,
                "Shortcut+P",
                () -> captureSelected(false))
            .disabledWhen(nothingSelected);
    captureToFile =
        command("command.capture-file", null, "", () -> captureSelected(true))
            .disabledWhen(nothingSelected);
    destroy =
        command("command.destroy", Icon.DELETE, "", () -> actions(LabActions::destroy))
            .disabledWhen(closed);

    zoomIn =
        command(
                "command.zoom-in",
                Icon.ZOOM_IN,
                "Shortcut+EQUALS",
                () -> view(view -> view.canvas().zoomIn()))
            .disabledWhen(closed);
    zoomOut =
        command(
                "command.zoom-out",
                Icon.ZOOM_OUT,
                "Shortcut+MINUS",
                () -> view(view -> view.canvas().zoomOut()))
            .disabledWhen(closed);
    zoomReset =
        command(
                "command.actual-size",
                null,
                "Shortcut+0",
                () -> view(view -> view.canvas().zoomTo(1)))
            .disabledWhen(closed);
    fit =
        command("command.fit", Icon.FIT, "Shortcut+9", () -> view(view -> view.canvas().fit()))
            .disabledWhen(closed);
    toggleTheme =
        command("command.toggle-theme", Icon.THEME_DARK, "Shortcut+Shift+T", window::toggleTheme);
    toggleParts =
        command("command.parts", Icon.PALETTE, "Shortcut+B", window::toggleParts)
            .disabledWhen(closed);
    toggleInspector =
        command(
                "command.properties",
                Icon.INSPECTOR,
                "Shortcut+I",
                () -> view(view -> view.setInspectorShown(!view.isInspectorShown())))
            .disabledWhen(closed);
    toggleConsoles =
        command(
                "command.consoles",
                Icon.CONSOLE,
                "Shortcut+J",
                () -> view(view -> view.setConsolesShown(!view.areConsolesShown())))
            .disabledWhen(closed);
    showTasks = command("command.tasks", Icon.TASKS, "Shortcut+T", window::toggleTasks);

    migrations =
        command("command.migrations", Icon.MIGRATE, "Shortcut+M", window.tools()::migrations)
            .disabledWhen(closed);
    ObservableValue<Boolean> nothingRuns =
        window.ofDocument(document -> document.state().map(state -> state.liveVms() == 0), true);
    snapshot =
        command("command.snapshot", Icon.SNAPSHOT, "Shortcut+Shift+K", window.snapshots()::save)
            .disabledWhen(nothingRuns);
    snapshots =
        command("command.snapshots", Icon.SNAPSHOT, "Shortcut+K", window.snapshots()::list)
            .disabledWhen(closed);
    restore = command("command.restore", Icon.SNAPSHOT, "", window.snapshots()::restore);
    replicate =
        command("command.replicate", Icon.COPY, "", window.snapshots()::replicate)
            .disabledWhen(nothingRuns);
    tour = command("command.tour", Icon.START, "", window::startTour);
    nextPart =
        command("command.next-part", null, "F6", window::focusNextPart)
            .disabledWhen(closed);
    events = command("command.events", Icon.INFO, "", window.tools()::events);
    hosts = command("command.hosts", Icon.HOST, "Shortcut+H", window.tools()::hosts);
    palette = command("command.palette", Icon.SEARCH, "Shortcut+Shift+P", window::showPalette);
    preferences =
        command(
            "command.preferences", Icon.SETTINGS, "Shortcut+COMMA", window.tools()::preferences);
    shortcuts = command("command.shortcuts", null, "F1", window::showShortcuts);
    about = command("command.about", null, "", window.tools()::about);
  }

  /** A command whose text has this key. */
  Command command(String key, Icon icon, String keys, Runnable action) {
    return named(window.texts().get(key), icon, keys, action);
  }

  private Command named(String name, Icon icon, String keys, Runnable action) {
    Command command = Command.of(name, icon, keys, action);
    all.add(command);
    return command;
  }

  private Command addMachine(String key, Icon icon, Symbol symbol) {
    return add(key, icon, (topology, place) -> Additions.machine(topology, symbol, place));
  }

  private Command add(String key, Icon icon, BiFunction<Topology, Point, AddNode> addition) {
    return command(key, icon, "", () -> document(document -> addNode(document, addition)))
        .disabledWhen(window.current().map(Optional::isEmpty));
  }

  private void addNode(LabDocument document, BiFunction<Topology, Point, AddNode> addition) {
    AddNode edit = addition.apply(document.topology().get(), window.placeForNew());
    document.edit(edit);
    view(view -> view.canvas().selection().set(Set.of(edit.node().id())));
  }

  private void view(Consumer<DocumentView> action) {
    window.view().ifPresent(action);
  }

  private void document(Consumer<LabDocument> action) {
    window.current().getValue().ifPresent(action);
  }

  private void actions(Consumer<LabActions> action) {
    view(view -> action.accept(view.actions()));
  }

  private void withNodes(BiConsumer<LabActions, List<String>> action) {
    view(
        view -> {
          List<String> nodes = view.selectedNodes();
          if (!nodes.isEmpty()) {
            action.accept(view.actions(), nodes);
          }
        });
  }

  private Set<String> selection() {
    return window.view().map(view -> view.canvas().selection().ids()).orElse(Set.of());
  }

  private void edit(Function<Topology, Optional<Edit>> make) {
    document(
        document ->
            make.apply(document.topology().get())
                .ifPresent(edit -> actions(actions -> actions.edit(edit))));
  }

  private void copy() {
    document(document -> ClipboardActions.copy(document.topology().get(), selection()));
  }

  private void paste() {
    document(
        document ->
            ClipboardActions.paste(document.topology().get())
                .ifPresentOrElse(
                    edit -> view(view -> view.add(edit)), window::tellNothingToPaste));
  }

  private void cut() {
    copy();
    view(view -> view.canvas().removeSelected());
  }

  private void rename() {
    view(
        view -> {
          view.setInspectorShown(true);
          view.inspector().editName();
        });
  }

  private void captureSelected(boolean toFile) {
    selection().stream().findFirst().ifPresent(id -> view(view -> view.capture(id, toFile)));
  }

  private void openConsoles() {
    view(view -> view.selectedNodes().forEach(view::openConsole));
  }

  /** All commands, in the order in which they are made above. */
  List<Command> all() {
    return List.copyOf(all);
  }

  /** All commands that have a key, for the sheet of shortcuts. */
  List<Command> withKeys() {
    return all.stream().filter(command -> command.keys().isPresent()).toList();
  }
}
