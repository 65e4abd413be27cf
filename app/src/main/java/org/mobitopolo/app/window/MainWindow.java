// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import javafx.animation.KeyFrame;
import javafx.animation.PauseTransition;
import javafx.animation.Timeline;
import javafx.application.Platform;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.beans.value.ObservableValue;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.Scene;
import javafx.scene.control.ContextMenu;
import javafx.scene.control.ToolBar;
import javafx.scene.input.DragEvent;
import javafx.scene.input.KeyCombination;
import javafx.scene.input.TransferMode;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import javafx.stage.FileChooser;
import javafx.stage.Stage;
import javafx.stage.WindowEvent;
import javafx.util.Duration;
import org.mobitopolo.app.window.command.CommandPalette;
import org.mobitopolo.app.window.dialog.GeneratorDialog;
import org.mobitopolo.app.window.document.Autosave;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.status.HostsModel;
import org.mobitopolo.app.window.status.Notice;
import org.mobitopolo.app.window.status.NoticePane;
import org.mobitopolo.app.window.status.StatusBar;
import org.mobitopolo.app.window.status.TasksModel;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.app.window.theme.Theme;
import org.mobitopolo.app.window.welcome.Sample;
import org.mobitopolo.app.window.welcome.WelcomePage;
import org.mobitopolo.canvas.model.CanvasTarget;
import org.mobitopolo.canvas.model.LinkLabels;
import org.mobitopolo.icons.Icons;
import org.mobitopolo.lab.Labs;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.Topology;

/**
 * The main window: menus, tool bar, the open lab or the welcome page, and the status bar. FX thread
 * only.
 */
final class MainWindow {
  private static final double WIDTH = 1360;
  private static final double HEIGHT = 860;
  private static final double EDGE = 14;
  private static final Duration ICON_PAUSE = Duration.millis(150);
  private static final List<Integer> ICON_SIZES = List.of(16, 32, 64, 128);
  private static final Duration TICK = Duration.seconds(1);
  private static final String LINK_LABELS = "link-labels";
  private static final String PARTS = "parts-shown";
  private static final String TOLD_THAT_LABS_GO_ON = "told.labs-go-on";

  private final WindowContext context;
  private final Stage stage;
  private final LabDesk desk;
  private final SnapshotActions snapshots;
  private final Tools tools;
  private final TourGuide guide;
  private final WindowCommands commands;
  private final ContextMenus contextMenus;
  private final StatusBar statusBar;
  private final NoticePane noticePane;
  private final ReadOnlyObjectWrapper<Optional<LabDocument>> current =
      new ReadOnlyObjectWrapper<>(Optional.empty());
  private final ReadOnlyObjectWrapper<Optional<DocumentView>> view =
      new ReadOnlyObjectWrapper<>(Optional.empty());
  private final Timeline tick = new Timeline(new KeyFrame(TICK, _ -> everySecond()));
  private final StackPane overlays = new StackPane();
  private Optional<FindBar> findBar = Optional.empty();
  private Optional<CommandPalette> palette = Optional.empty();
  private Optional<Point> placeOfMenu = Optional.empty();

  MainWindow(Stage stage, WindowContext context) {
    this.stage = stage;
    this.context = context;
    desk = new LabDesk(context, stage, this::opened, this::showWelcome);
    snapshots = new SnapshotActions(context, stage, desk);
    tools = new Tools(context, stage, desk.tabs().current());
    guide = new TourGuide(overlays, context.texts(), this::focusCanvas);
    commands = new WindowCommands(this);
    contextMenus = new ContextMenus(commands, context.texts());
    HostsModel hosts =
        new HostsModel(context.notices(), texts(), url -> context.hosts().host(url).retry());
    statusBar =
        new StatusBar(
            texts(),
            hosts,
            new TasksModel(context.tasks(), context.notices(), texts(), context.fx()));

    MainMenu menu = new MainMenu(this, commands);
    noticePane = new NoticePane(context.notices(), texts(), this::focusCanvas);
    StackPane.setAlignment(noticePane, Pos.BOTTOM_RIGHT);
    StackPane.setMargin(noticePane, new Insets(EDGE));
    overlays.getChildren().setAll(desk.tabs(), noticePane);
    BorderPane root = new BorderPane(overlays);
    ToolBar toolBar = menu.toolBar();
    toolBar.visibleProperty().bind(current.map(Optional::isPresent));
    toolBar.managedProperty().bind(toolBar.visibleProperty());
    root.setTop(new VBox(menu.menuBar(), toolBar));
    root.setBottom(statusBar);
    Scene scene = new Scene(root, WIDTH, HEIGHT);
    context.theme().dress(scene);
    scene
        .getAccelerators()
        .put(KeyCombination.valueOf("Shortcut+Shift+Z"), commands.redo::run);
    scene.setOnDragOver(MainWindow::offerToOpen);
    scene.setOnDragDropped(this::openDropped);
    stage.setScene(scene);
    stage.setTitle("Mobitopolo");
    stage.setMinWidth(720);
    stage.setMinHeight(480);
    stage.setOnCloseRequest(this::closeRequested);
    tick.setCycleCount(Timeline.INDEFINITE);
    context
        .theme()
        .choice()
        .addListener(
            (_, _, choice) ->
                context.io().execute(() -> context.settings().put("theme", choice.name())));
    statusBar.setDocument(null);
    desk.tabs().current().addListener((_, _, lab) -> showCurrent(lab));
  }

  /** Shows the window; what can wait for it is loaded afterwards. */
  void show() {
    stage.show();
    tick.play();
    loadIcons(0);
  }

  /**
   * Draws the window's icons one a frame or so, as each keeps the FX thread waiting for the
   * renderer.
   */
  private void loadIcons(int index) {
    PauseTransition pause = new PauseTransition(ICON_PAUSE);
    pause.setOnFinished(
        _ ->
            Platform.runLater(
                () -> {
                  stage.getIcons().add(Icons.application(ICON_SIZES.get(index)));
                  if (index + 1 < ICON_SIZES.size()) {
                    loadIcons(index + 1);
                  }
                }));
    pause.play();
  }

  // what commands need

  ReadOnlyObjectProperty<Optional<LabDocument>> current() {
    return current.getReadOnlyProperty();
  }

  WindowCommands commands() {
    return commands;
  }

  Optional<DocumentView> view() {
    return view.get();
  }

  Texts texts() {
    return context.texts();
  }

  Theme theme() {
    return context.theme();
  }

  /** A value of the document that is open, or the other one while none is. */
  <T> ObservableValue<T> ofDocument(Function<LabDocument, ObservableValue<T>> value, T otherwise) {
    return current.flatMap(document -> document.map(value).orElse(null)).orElse(otherwise);
  }

  /** A value of the view that is shown, or the other one while none is. */
  <T> ObservableValue<T> ofView(Function<DocumentView, ObservableValue<T>> value, T otherwise) {
    return view.flatMap(shown -> shown.map(value).orElse(null)).orElse(otherwise);
  }

  /** Where the context menu was asked for, if a command comes from there. */
  Optional<Point> placeOfMenu() {
    return placeOfMenu;
  }

  /** Where something new goes: at the context menu, else at a free place in the middle. */
  Point placeForNew() {
    return placeOfMenu.orElseGet(
        () -> view.get().map(shown -> shown.canvas().freePlace()).orElse(new Point(0, 0)));
  }

  List<Path> recentFiles() {
    return context.settings().recentFiles();
  }

  // opening and closing

  /** Opens, saves and closes labs. */
  LabDesk desk() {
    return desk;
  }

  /** Saves, restores and copies running labs. */
  SnapshotActions snapshots() {
    return snapshots;
  }

  /** Imports another program's lab, and tells what became of it. */
  void importLab() {
    new ImportAction(context, stage).choose().ifPresent(this::importLab);
  }

  void importLab(Path file) {
    new ImportAction(context, stage).read(file, desk::openImported);
  }

  void chooseAndOpen() {
    desk.choose().ifPresent(this::open);
  }

  /** Opens a topology file, or asks where the lab in a bundle shall run again. */
  void open(Path file) {
    if (SnapshotActions.isBundle(file)) {
      snapshots.restore(file);
    } else {
      desk.open(file);
    }
  }

  private static void offerToOpen(DragEvent event) {
    if (event.getDragboard().hasFiles()) {
      event.acceptTransferModes(TransferMode.COPY);
    }
  }

  private void openDropped(DragEvent event) {
    event.getDragboard().getFiles().forEach(file -> open(file.toPath()));
    event.setDropCompleted(true);
  }

  /** Opens one of the program's own labs, as a new one that has no file yet. */
  void openSample(Path sample) {
    desk.openCopyOf(sample);
  }

  void openSample(Sample sample) {
    openSample(context.installation().sample(sample.file()));
  }

  private void opened(LabDocument document, DocumentView shown) {
    shown.canvas().setContextMenuProvider(target -> contextMenu(target, document, shown));
    shown.setPartsShown(arePartsWanted());
    shown.canvas().setLinkLabels(linkLabels());
    shown.canvas().setLanguage(texts().language().locale());
    document.topology().addListener(_ -> showTitle());
    document.modified().addListener(_ -> showTitle());
    document.file().addListener(_ -> showTitle());
  }

  private void showCurrent(Optional<OpenLab> lab) {
    current.set(lab.map(OpenLab::document));
    view.set(lab.map(OpenLab::view));
    statusBar.setDocument(lab.map(OpenLab::document).orElse(null));
    showTitle();
  }

  private ContextMenu contextMenu(CanvasTarget target, LabDocument document, DocumentView shown) {
    placeOfMenu = Optional.of(target.position());
    ContextMenu menu = contextMenus.menuFor(target, document, shown);
    // a chosen command runs before this, as the menu hides first and acts in the same pulse
    menu.setOnHidden(_ -> Platform.runLater(() -> placeOfMenu = Optional.empty()));
    return menu;
  }

  private void showTitle() {
    current
        .get()
        .ifPresentOrElse(
            document ->
                stage.setTitle(
                    (document.modified().get() ? "● " : "")
                        + document.topology().get().name()
                        + document.file().get().map(file -> " – " + file.getFileName()).orElse("")
                        + " – Mobitopolo"),
            () -> stage.setTitle("Mobitopolo"));
  }

  /**
   * Shows the welcome page, and looks in the background for labs that run and copies that a crash
   * left.
   */
  void showWelcome() {
    WelcomePage page = newWelcomePage();
    desk.findRunning(search -> page.showRunning(search, desk::openRunning));
    desk.copies().find(left -> page.showRecovered(left, desk::openRecovered));
  }

  /** Shows the welcome page with what was found already. */
  void showWelcomePage(Labs.Search search, List<Autosave.Left> left) {
    WelcomePage page = newWelcomePage();
    page.showRunning(search, desk::openRunning);
    page.showRecovered(left, desk::openRecovered);
  }

  private WelcomePage newWelcomePage() {
    WelcomePage page =
        new WelcomePage(
            texts(), List.of(commands.tour, commands.newLab, commands.open), commands.samples);
    page.showRecent(recentFiles(), this::open);
    desk.tabs().showPage(page);
    showTitle();
    return page;
  }

  void exportPicture() {
    view.get()
        .ifPresent(
            shown -> {
              FileChooser chooser = new FileChooser();
              chooser.setTitle(texts().get("file.picture"));
              for (PictureFile.Format format : PictureFile.Format.all()) {
                chooser
                    .getExtensionFilters()
                    .add(
                        new FileChooser.ExtensionFilter(
                            format.label(texts()), "*" + format.suffix()));
              }
              chooser.setInitialFileName("lab" + PictureFile.Format.SVG.suffix());
              File file = chooser.showSaveDialog(stage);
              if (file != null) {
                PictureFile.write(
                    shown.canvas(), file.toPath(), context.io(), context.notices(), texts());
              }
            });
  }

  // other commands

  void find() {
    current
        .get()
        .ifPresent(
            document -> {
              if (findBar.isEmpty()) {
                findBar = Optional.of(atTop(new FindBar(this), EDGE));
              }
              findBar
                  .get()
                  .open(
                      document.topology().get(),
                      id -> view.get().ifPresent(shown -> shown.canvas().reveal(id)));
            });
  }

  /** Lays something over the labs that is not shown yet, below the notices. */
  private <T extends Node> T atTop(T overlay, double margin) {
    StackPane.setAlignment(overlay, Pos.TOP_CENTER);
    StackPane.setMargin(overlay, new Insets(margin));
    overlays.getChildren().add(overlays.getChildren().indexOf(noticePane), overlay);
    return overlay;
  }

  /** Asks for a network and adds it, to the region at the context menu or the selected one. */
  void generate() {
    view.get()
        .ifPresent(
            shown -> {
              Topology topology = shown.canvas().topology();
              Optional<String> region =
                  placeOfMenu
                      .flatMap(topology::regionAt)
                      .map(Region::id)
                      .or(
                          () ->
                              shown.canvas().selection().ids().stream()
                                  .filter(id -> topology.region(id).isPresent())
                                  .findFirst());
              new GeneratorDialog(context.dialogs(), texts(), topology, region, placeForNew())
                  .ask()
                  .ifPresent(shown::generated);
            });
  }

  /** Keeps the selected nodes as a template, under a name that is asked for. */
  void keepTemplate() {
    view.get()
        .ifPresent(
            shown -> {
              Topology topology = shown.canvas().topology();
              Topology part = ClipboardActions.part(topology, shown.canvas().selection().ids());
              if (part.nodes().isEmpty() && part.notes().isEmpty()) {
                return;
              }
              context
                  .dialogs()
                  .askText(
                      texts().get("template.keep"),
                      texts().get("template.keep.text"),
                      part.nodes().size() == 1 ? part.nodes().getFirst().name() : "",
                      texts().get("template.keep.button"))
                  .ifPresent(
                      name -> {
                        shown.setPartsShown(true);
                        context.library().keep(name, part, this::templateNotKept);
                      });
            });
  }

  void tellNothingToPaste() {
    context
        .notices()
        .show(
            Notice.info(texts().get("clipboard.nothing"), texts().get("clipboard.nothing.text")));
  }

  private void templateNotKept(String reason) {
    context.notices().show(Notice.error(texts().get("template.not-kept"), reason));
  }

  /** Whether the palette is wanted beside canvases. */
  boolean arePartsWanted() {
    return context.settings().get(PARTS).map(Boolean::parseBoolean).orElse(true);
  }

  void toggleParts() {
    boolean wanted = view.get().map(shown -> !shown.arePartsShown()).orElse(true);
    desk.tabs().all().forEach(lab -> lab.view().setPartsShown(wanted));
    context.io().execute(() -> context.settings().put(PARTS, String.valueOf(wanted)));
  }

  /** What stands at the ends of links, as chosen now or earlier. */
  LinkLabels linkLabels() {
    String chosen = context.settings().get(LINK_LABELS).orElse("");
    return Arrays.stream(LinkLabels.values())
        .filter(labels -> labels.name().equals(chosen))
        .findFirst()
        .orElse(LinkLabels.ADDRESSES);
  }

  void setLinkLabels(LinkLabels labels) {
    desk.tabs().all().forEach(lab -> lab.view().canvas().setLinkLabels(labels));
    context.io().execute(() -> context.settings().put(LINK_LABELS, labels.name()));
  }

  /** Opens the sample lab and leads through what can be done with it. */
  void startTour() {
    openSample(Sample.DECOUPLED_FILE_SERVER);
    guide.start();
  }

  /** Puts the focus into the next part of the window; notices come last. */
  void focusNextPart() {
    view.get()
        .ifPresent(
            shown ->
                shown.focusNextPart(
                    new DocumentView.FocusStop(
                        noticePane, noticePane.canTakeFocus(), noticePane::focusLatest)));
  }

  void focusCanvas() {
    view.get().ifPresent(shown -> shown.canvas().requestFocus());
  }

  void toggleTheme() {
    context.theme().toggle();
  }

  void toggleTasks() {
    statusBar.toggleTasks();
  }

  /** The windows and dialogs beside this one. */
  Tools tools() {
    return tools;
  }

  void showPalette() {
    if (palette.isEmpty()) {
      palette =
          Optional.of(
              atTop(new CommandPalette(commands::all, texts(), this::focusCanvas), 3 * EDGE));
    }
    palette.get().open();
  }

  void showShortcuts() {
    ShortcutSheet.show(stage, texts(), commands.withKeys());
  }

  void quit() {
    WindowEvent request = new WindowEvent(stage, WindowEvent.WINDOW_CLOSE_REQUEST);
    stage.fireEvent(request);
    if (!request.isConsumed()) {
      stage.close();
    }
  }

  private void closeRequested(WindowEvent event) {
    event.consume();
    desk.unlessUnsaved(
        () -> {
          tellThatLabsGoOn();
          desk.tabs().all().forEach(lab -> desk.copies().forget(lab.document()));
          dispose();
          stage.close();
        });
  }

  /** Ends what goes on in the window. */
  void dispose() {
    desk.closeAll();
    tick.stop();
  }

  private void tellThatLabsGoOn() {
    long running =
        desk.tabs().all().stream().mapToLong(lab -> lab.document().state().get().liveVms()).sum();
    if (running > 0 && context.settings().get(TOLD_THAT_LABS_GO_ON).isEmpty()) {
      context.settings().put(TOLD_THAT_LABS_GO_ON, "true");
      context
          .dialogs()
          .tell(
              texts().get("lab.goes-on"),
              texts().get("lab.goes-on.text"),
              texts().get("lab.goes-on.button"));
    }
  }

  private void everySecond() {
    for (OpenLab lab : desk.tabs().all()) {
      lab.migrations().update(lab.document().topology().get(), lab.document().state().get());
    }
    desk.tabs().current().get().ifPresent(guide::look);
  }
}
