// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import javafx.beans.value.ObservableValue;
import org.mobitopolo.app.window.command.Command;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.icons.Icon;
import org.mobitopolo.topology.Symbol;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.edit.AddNode;
import org.mobitopolo.topology.edit.Edit;

/** All commands of the window. They act on the lab that is open and on what is selected in it. */
final class WindowCommands {
  final Command newLab;
  final Command open;
  final Command openSample;
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
  final Command addRegion;
  final Command addNote;
  final Command addArea;
  final Command generate;

  final ArrangeCommands arrange;

  final Command startAll;
  final Command stopAll;
  final Command start;
  final Command stop;
  final Command console;
  final Command log;
  final Command destroy;

  final Command zoomIn;
  final Command zoomOut;
  final Command zoomReset;
  final Command fit;
  final Command toggleTheme;
  final Command toggleInspector;
  final Command toggleConsoles;
  final Command showTasks;

  final Command shortcuts;
  final Command about;

  private final MainWindow window;

  WindowCommands(MainWindow window) {
    this.window = window;
    ObservableValue<Boolean> closed = window.current().map(Optional::isEmpty);

    newLab = Command.of("New lab", Icon.ADD, "Shortcut+N", window::newLab);
    open = Command.of("Open...", Icon.OPEN, "Shortcut+O", window::chooseAndOpen);
    openSample = Command.of("Open the sample lab", Icon.SERVER, "", window::openSample);
    save = Command.of("Save", Icon.SAVE, "Shortcut+S", window::save).disabledWhen(closed);
    saveAs =
        Command.of("Save as...", null, "Shortcut+Shift+S", window::saveAs).disabledWhen(closed);
    exportPicture =
        Command.of("Export a picture...", Icon.CAPTURE, "", window::exportPicture)
            .disabledWhen(closed);
    closeLab =
        Command.of("Close the lab", null, "Shortcut+W", window::closeLab).disabledWhen(closed);
    quit = Command.of("Quit", null, "Shortcut+Q", window::quit);

    ObservableValue<Optional<String>> undoTitle =
        window.ofDocument(LabDocument::undoTitle, Optional.empty());
    ObservableValue<Optional<String>> redoTitle =
        window.ofDocument(LabDocument::redoTitle, Optional.empty());
    undo =
        Command.of("Undo", Icon.UNDO, "Shortcut+Z", () -> actions(LabActions::undo))
            .named(undoTitle.map(title -> "Undo" + title.map(text -> ": " + text).orElse("")))
            .disabledWhen(undoTitle.map(Optional::isEmpty));
    redo =
        Command.of("Redo", Icon.REDO, "Shortcut+Y", () -> actions(LabActions::redo))
            .named(redoTitle.map(title -> "Redo" + title.map(text -> ": " + text).orElse("")))
            .disabledWhen(redoTitle.map(Optional::isEmpty));

    ObservableValue<Boolean> nothingSelected =
        window.ofView(view -> view.canvas().selection().idsProperty().map(Set::isEmpty), true);
    cut = Command.of("Cut", null, "Shortcut+X", this::cut).disabledWhen(nothingSelected);
    copy = Command.of("Copy", Icon.COPY, "Shortcut+C", this::copy).disabledWhen(nothingSelected);
    paste =
        Command.of("Paste", null, "Shortcut+V", () -> edit(ClipboardActions::paste))
            .disabledWhen(closed);
    duplicate =
        Command.of(
                "Duplicate",
                null,
                "Shortcut+D",
                () -> edit(topology -> ClipboardActions.duplicate(topology, selection())))
            .disabledWhen(nothingSelected);
    delete =
        Command.of("Delete", Icon.DELETE, "", () -> view(view -> view.canvas().removeSelected()))
            .disabledWhen(nothingSelected);
    selectAll =
        Command.of("Select all", null, "Shortcut+A", () -> view(view -> view.canvas().selectAll()))
            .disabledWhen(closed);
    rename = Command.of("Rename", null, "F2", this::rename).disabledWhen(nothingSelected);
    find = Command.of("Find...", Icon.SEARCH, "Shortcut+F", window::find).disabledWhen(closed);

    addMachine = add("Machine", Icon.VM, Symbol.VM);
    addClient = add("Client", Icon.CLIENT, Symbol.CLIENT);
    addServer = add("Server", Icon.SERVER, Symbol.SERVER);
    addRouter = add("Router", Icon.ROUTER, Symbol.ROUTER);
    addRegion =
        Command.of(
                "Region",
                Icon.REGION,
                "",
                () ->
                    edit(topology -> Optional.of(Additions.region(topology, window.placeOfMenu()))))
            .disabledWhen(closed);
    addNote =
        Command.of(
                "Note",
                Icon.NOTE,
                "",
                () -> edit(topology -> Optional.of(Additions.note(topology, window.placeForNew()))))
            .disabledWhen(closed);

    addArea =
        Command.of(
                "Area",
                Icon.AREA,
                "",
                () -> edit(topology -> Optional.of(Additions.area(topology, window.placeForNew()))))
            .disabledWhen(closed);
    generate =
        Command.of("Generate a network...", Icon.GENERATE, "Shortcut+G", window::generate)
            .disabledWhen(closed);
    arrange = new ArrangeCommands(window);

    ObservableValue<Boolean> nothingToStart =
        window.ofDocument(
            document -> document.state().map(_ -> document.startable(List.of()).isEmpty()), true);
    ObservableValue<Boolean> nothingToStop =
        window.ofDocument(
            document -> document.state().map(_ -> document.stoppable(List.of()).isEmpty()), true);
    startAll =
        Command.of(
                "Start all",
                Icon.START,
                "Shortcut+R",
                () -> actions(actions -> actions.start(List.of())))
            .disabledWhen(nothingToStart);
    stopAll =
        Command.of(
                "Stop all",
                Icon.STOP,
                "Shortcut+Shift+R",
                () -> actions(actions -> actions.stop(List.of())))
            .disabledWhen(nothingToStop);
    start =
        Command.of(
                "Start", Icon.START, "", () -> withNodes((actions, nodes) -> actions.start(nodes)))
            .disabledWhen(nothingSelected);
    stop =
        Command.of("Stop", Icon.STOP, "", () -> withNodes((actions, nodes) -> actions.stop(nodes)))
            .disabledWhen(nothingSelected);
    console =
        Command.of("Open console", Icon.CONSOLE, "Shortcut+E", this::openConsoles)
            .disabledWhen(nothingSelected);
    log = Command.of("Show logs", Icon.INFO, "", window::showLogs).disabledWhen(nothingSelected);
    destroy =
        Command.of(
                "Destroy the running lab...", Icon.DELETE, "", () -> actions(LabActions::destroy))
            .disabledWhen(closed);

    zoomIn =
        Command.of(
                "Zoom in",
                Icon.ZOOM_IN,
                "Shortcut+EQUALS",
                () -> view(view -> view.canvas().zoomIn()))
            .disabledWhen(closed);
    zoomOut =
        Command.of(
                "Zoom out",
                Icon.ZOOM_OUT,
                "Shortcut+MINUS",
                () -> view(view -> view.canvas().zoomOut()))
            .disabledWhen(closed);
    zoomReset =
        Command.of("Actual size", null, "Shortcut+0", () -> view(view -> view.canvas().zoomTo(1)))
            .disabledWhen(closed);
    fit =
        Command.of("Fit into view", Icon.FIT, "Shortcut+9", () -> view(view -> view.canvas().fit()))
            .disabledWhen(closed);
    toggleTheme =
        Command.of("Light or dark", Icon.THEME_DARK, "Shortcut+Shift+T", window::toggleTheme);
    toggleInspector =
        Command.of(
                "Properties",
                Icon.INSPECTOR,
                "Shortcut+I",
                () -> view(view -> view.setInspectorShown(!view.isInspectorShown())))
            .disabledWhen(closed);
    toggleConsoles =
        Command.of(
                "Consoles",
                Icon.CONSOLE,
                "Shortcut+J",
                () -> view(view -> view.setConsolesShown(!view.areConsolesShown())))
            .disabledWhen(closed);
    showTasks = Command.of("Tasks", Icon.TASKS, "Shortcut+T", window::toggleTasks);

    shortcuts = Command.of("Keyboard shortcuts", null, "F1", window::showShortcuts);
    about = Command.of("About Mobitopolo", null, "", window::showAbout);
  }

  private Command add(String name, Icon icon, Symbol symbol) {
    return Command.of(name, icon, "", () -> document(document -> addMachine(document, symbol)))
        .disabledWhen(window.current().map(Optional::isEmpty));
  }

  private void addMachine(LabDocument document, Symbol symbol) {
    AddNode edit = Additions.machine(document.topology().get(), symbol, window.placeForNew());
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

  private void openConsoles() {
    view(view -> view.selectedNodes().forEach(view::openConsole));
  }

  /** All commands that have a key, in the order of the menu, for the sheet of shortcuts. */
  List<Command> withKeys() {
    List<Command> all = new ArrayList<>(arrange.withKeys());
    all.addAll(
        List.of(
            newLab,
            open,
            save,
            saveAs,
            closeLab,
            quit,
            undo,
            redo,
            cut,
            copy,
            paste,
            duplicate,
            selectAll,
            rename,
            find,
            startAll,
            stopAll,
            console,
            zoomIn,
            zoomOut,
            zoomReset,
            fit,
            toggleTheme,
            toggleInspector,
            toggleConsoles,
            showTasks,
            shortcuts));
    return all.stream().filter(Predicate.not(command -> command.keys().isEmpty())).toList();
  }
}
