// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
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
import javafx.scene.Scene;
import javafx.scene.control.ContextMenu;
import javafx.scene.control.ToolBar;
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
import org.mobitopolo.app.window.status.MigrationTable;
import org.mobitopolo.app.window.status.MigrationsModel;
import org.mobitopolo.app.window.status.Notice;
import org.mobitopolo.app.window.status.NoticePane;
import org.mobitopolo.app.window.status.StatusBar;
import org.mobitopolo.app.window.status.TasksModel;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.app.window.theme.Theme;
import org.mobitopolo.app.window.welcome.WelcomePage;
import org.mobitopolo.canvas.model.CanvasTarget;
import org.mobitopolo.canvas.model.LinkLabels;
import org.mobitopolo.icons.Icons;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.lab.Labs;
import org.mobitopolo.topology.Ids;
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
  private static final Duration AUTOSAVE_AFTER = Duration.seconds(2);
  private static final Duration ICON_PAUSE = Duration.millis(150);
  private static final List<Integer> ICON_SIZES = List.of(16, 32, 64, 128);
  private static final Duration TICK = Duration.seconds(1);
  private static final String LINK_LABELS = "link-labels";
  private static final String TOLD_THAT_LABS_GO_ON = "told.labs-go-on";

  private final WindowContext context;
  private final Stage stage;
  private final FileActions files;
  private final LabOpener opener;
  private final WindowCommands commands;
  private final ContextMenus contextMenus;
  private final MigrationsModel migrations = new MigrationsModel(InstantSource.system());
  private final StatusBar statusBar;
  private final StackPane center = new StackPane();
  private final FindBar findBar;
  private final CommandPalette palette;
  private final ReadOnlyObjectWrapper<Optional<LabDocument>> current =
      new ReadOnlyObjectWrapper<>(Optional.empty());
  private final ReadOnlyObjectWrapper<Optional<DocumentView>> view =
      new ReadOnlyObjectWrapper<>(Optional.empty());
  private final Timeline autosave = new Timeline(new KeyFrame(AUTOSAVE_AFTER, _ -> autosaveNow()));
  private final Timeline tick = new Timeline(new KeyFrame(TICK, _ -> everySecond()));
  private Optional<Point> placeOfMenu = Optional.empty();

  MainWindow(Stage stage, WindowContext context) {
    this.stage = stage;
    this.context = context;
    files = new FileActions(context, stage);
    opener = new LabOpener(context);
    commands = new WindowCommands(this);
    contextMenus = new ContextMenus(commands, context.texts());
    findBar = new FindBar(this);
    palette = new CommandPalette(commands::all, texts(), this::focusCanvas);
    HostsModel hosts = new HostsModel(context.notices(), texts(), url -> context.hosts().host(url).retry());
    statusBar =
        new StatusBar(
            texts(),
            hosts,
            new TasksModel(context.tasks(), context.notices(), texts(), context.fx()));

    MainMenu menu = new MainMenu(this, commands);
    NoticePane noticePane = new NoticePane(context.notices(), texts());
    StackPane.setAlignment(noticePane, Pos.BOTTOM_RIGHT);
    StackPane.setMargin(noticePane, new Insets(EDGE));
    StackPane.setAlignment(findBar, Pos.TOP_CENTER);
    StackPane.setMargin(findBar, new Insets(EDGE));
    StackPane.setAlignment(palette, Pos.TOP_CENTER);
    StackPane.setMargin(palette, new Insets(3 * EDGE));
    BorderPane root = new BorderPane(new StackPane(center, findBar, palette, noticePane));
    ToolBar toolBar = menu.toolBar();
    toolBar.visibleProperty().bind(current.map(Optional::isPresent));
    toolBar.managedProperty().bind(toolBar.visibleProperty());
    root.setTop(new VBox(menu.menuBar(), toolBar));
    root.setBottom(statusBar);
    Scene scene = new Scene(root, WIDTH, HEIGHT);
    context.theme().dress(scene);
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
  }

  /** Shows the window; what can wait for it is loaded afterwards. */
  void show() {
    stage.show();
    tick.play();
    loadIcons(0);
  }

  /** Draws the window's icons one a frame or so, as each keeps the FX thread waiting for the renderer. */
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

  void newLab() {
    files.unlessUnsaved(
        current.get(),
        () -> show(Topology.empty(Ids.newLabId(), texts().get("lab.new")), Optional.empty(), false));
  }

  void chooseAndOpen() {
    files.choose().ifPresent(this::openAskingFirst);
  }

  void openAskingFirst(Path file) {
    files.unlessUnsaved(current.get(), () -> open(file));
  }

  /** Opens a file in place of what is open. */
  void open(Path file) {
    files.read(file, topology -> show(topology, Optional.of(file), false), this::showSomething);
  }

  void openSample() {
    files.unlessUnsaved(
        current.get(),
        () ->
            files.readQuietly(
                context.installation().sampleLab(),
                topology -> show(topology, Optional.empty(), false),
                this::showSomething));
  }

  private void showSomething() {
    if (current.get().isEmpty()) {
      showWelcome();
    }
  }

  private void show(Topology topology, Optional<Path> file, boolean unsaved) {
    setDocument(new LabDocument(topology, file, unsaved, context.fx(), this::refused));
    LabDocument document = current.get().orElseThrow();
    opener.findRunning(topology, running -> attach(document, running));
  }

  private void refused(String reason) {
    context.notices().show(Notice.warning(texts().get("lab.not-possible"), reason));
  }

  private void attach(LabDocument document, Optional<Topology> running) {
    if (current.get().filter(open -> open == document).isEmpty()) {
      return;
    }
    if (running.isPresent() && !running.get().equals(document.topology().get())) {
      LabDocument asItRuns =
          new LabDocument(
              running.get(),
              document.file().get(),
              document.file().get().isPresent(),
              context.fx(),
              this::refused);
      setDocument(asItRuns);
      attachLab(asItRuns);
      Notice notice =
          Notice.info(
              texts().get("lab.runs"), texts().get("lab.runs.text"));
      context.notices().show(notice);
    } else {
      attachLab(document);
    }
  }

  private void attachLab(LabDocument document) {
    Topology topology = document.topology().get();
    Optional<Path> file = document.file().get();
    context
        .io()
        .execute(
            () -> {
              Lab lab = opener.open(topology, file);
              context.fx().execute(() -> attach(document, lab));
            });
  }

  private void attach(LabDocument document, Lab lab) {
    if (current.get().filter(open -> open == document).isPresent()) {
      document.attach(lab);
    } else {
      lab.close(); // another document was opened meanwhile
    }
  }

  /** Shows a document in place of what is open. */
  void setDocument(LabDocument document) {
    disposeDocument();
    LabActions actions = new LabActions(context, document);
    DocumentView shown = new DocumentView(context, document, actions, migrations);
    shown.canvas().setContextMenuProvider(target -> contextMenu(target, document, shown));
    shown.canvas().setLinkLabels(linkLabels());
    shown.canvas().setLanguage(texts().language().locale());
    current.set(Optional.of(document));
    view.set(Optional.of(shown));
    center.getChildren().setAll(shown);
    statusBar.setDocument(document);
    document.topology().addListener(_ -> autosave.playFromStart());
    document.topology().subscribe(_ -> showTitle());
    document.modified().subscribe(_ -> showTitle());
    document.file().subscribe(_ -> showTitle());
    shown.canvas().requestFocus();
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

  private void disposeDocument() {
    autosave.stop();
    view.get().ifPresent(DocumentView::dispose);
    current.get().ifPresent(LabDocument::detach);
    view.set(Optional.empty());
    current.set(Optional.empty());
  }

  void closeLab() {
    files.unlessUnsaved(
        current.get(),
        () -> {
          forgetAutosave();
          showWelcome();
        });
  }

  /**
   * Shows the welcome page, and looks in the background for labs that run and copies that a crash
   * left.
   */
  void showWelcome() {
    WelcomePage page = newWelcomePage();
    findLabs(search -> page.showRunning(search, this::openRunning));
    findLeft(left -> page.showRecovered(left, this::openRecovered));
  }

  /** Shows the welcome page with what was found already. */
  void showWelcomePage(Labs.Search search, List<Autosave.Left> left) {
    WelcomePage page = newWelcomePage();
    page.showRunning(search, this::openRunning);
    page.showRecovered(left, this::openRecovered);
  }

  private WelcomePage newWelcomePage() {
    disposeDocument();
    statusBar.setDocument(null);
    WelcomePage page =
        new WelcomePage(texts(), List.of(commands.openSample, commands.newLab, commands.open));
    page.showRecent(recentFiles(), this::openAskingFirst);
    center.getChildren().setAll(page);
    showTitle();
    return page;
  }

  private void openRunning(Labs.Found found) {
    Optional<Path> file =
        context.knownLabs().entries().stream()
            .filter(entry -> entry.id().equals(found.topology().id()))
            .findFirst()
            .flatMap(entry -> entry.file());
    LabDocument document =
        new LabDocument(found.topology(), file, false, context.fx(), this::refused);
    setDocument(document);
    attachLab(document);
  }

  private void openRecovered(Autosave.Left left) {
    show(left.topology(), left.file(), true);
  }

  private void findLabs(Consumer<Labs.Search> found) {
    context
        .io()
        .execute(
            () -> {
              try {
                Labs.Search search = Labs.find(context.hosts(), context.knownLabs().hosts());
                context.fx().execute(() -> found.accept(search));
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  private void findLeft(Consumer<List<Autosave.Left>> found) {
    context
        .io()
        .execute(
            () -> {
              try {
                List<Autosave.Left> left = context.autosave().left();
                context.fx().execute(() -> found.accept(left));
              } catch (IOException e) {
                context
                    .notices()
                    .show(
                        Notice.warning(
                            texts().get("autosave.unreadable"),
                            String.valueOf(e.getMessage())));
              }
            });
  }

  /**
   * Says, when a lab was opened at once, that a crash left something; the welcome page shows it by
   * itself.
   */
  void offerRecovery() {
    findLeft(
        left -> {
          for (Autosave.Left copy : left) {
            context
                .notices()
                .show(
                    Notice.warning(
                            texts().get("autosave.kept"),
                            texts().get("autosave.kept.text", copy.topology().name()))
                        .with(
                            new Notice.Action(
                                texts().get("autosave.open"),
                                () ->
                                    files.unlessUnsaved(current.get(), () -> openRecovered(copy))),
                            new Notice.Action(texts().get("autosave.discard"), () -> forget(copy.topology().id()))));
          }
        });
  }

  // saving

  void save() {
    current.get().ifPresent(document -> files.save(document, this::forgetAutosave));
  }

  void saveAs() {
    current.get().ifPresent(document -> files.saveAs(document, this::forgetAutosave));
  }

  private void autosaveNow() {
    current
        .get()
        .filter(document -> document.modified().get())
        .ifPresent(
            document -> {
              Topology topology = document.topology().get();
              Optional<Path> file = document.file().get();
              context
                  .io()
                  .execute(
                      () -> {
                        try {
                          context.autosave().keep(topology, file);
                        } catch (IOException e) {
                          context
                              .notices()
                              .show(
                                  Notice.warning(
                                      texts().get("autosave.not-written"),
                                      texts().get("autosave.not-written.text", e.getMessage())));
                        }
                      });
            });
  }

  private void forgetAutosave() {
    autosave.stop();
    current.get().ifPresent(document -> forget(document.topology().get().id()));
  }

  private void forget(String lab) {
    context
        .io()
        .execute(
            () -> {
              try {
                context.autosave().forget(lab);
              } catch (IOException e) {
                context
                    .notices()
                    .show(
                        Notice.warning(
                            texts().get("autosave.not-removed"), String.valueOf(e.getMessage())));
              }
            });
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
            document ->
                findBar.open(
                    document.topology().get(),
                    id -> view.get().ifPresent(shown -> shown.canvas().reveal(id))));
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

  /** What stands at the ends of links, as chosen now or earlier. */
  LinkLabels linkLabels() {
    String chosen = context.settings().get(LINK_LABELS).orElse("");
    return Arrays.stream(LinkLabels.values())
        .filter(labels -> labels.name().equals(chosen))
        .findFirst()
        .orElse(LinkLabels.ADDRESSES);
  }

  void setLinkLabels(LinkLabels labels) {
    view.get().ifPresent(shown -> shown.canvas().setLinkLabels(labels));
    context.io().execute(() -> context.settings().put(LINK_LABELS, labels.name()));
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

  void showLogs() {
    current
        .get()
        .flatMap(document -> document.lab().get())
        .ifPresent(
            lab ->
                view.get()
                    .ifPresent(
                        shown ->
                            shown
                                .selectedNodes()
                                .forEach(
                                    node ->
                                        LogWindow.open(
                                            context,
                                            stage,
                                            lab,
                                            node,
                                            current.get().orElseThrow().topology().get()))));
  }

  void showMigrations() {
    current
        .get()
        .ifPresent(
            document ->
                ToolWindow.show(
                    context,
                    stage,
                    texts().get("migrations.title", document.topology().get().name()),
                    new MigrationTable(migrations, texts())));
  }

  void showHosts() {
    HostsWindow.open(context, stage, current.get());
  }

  void showPalette() {
    palette.open();
  }

  void showPreferences() {
    PreferencesDialog.show(stage, context);
  }

  void showShortcuts() {
    ShortcutSheet.show(stage, texts(), commands.withKeys());
  }

  void showAbout() {
    AboutBox.show(stage, texts(), context.installation().version());
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
    files.unlessUnsaved(
        current.get(),
        () -> {
          tellThatLabsGoOn();
          forgetAutosave();
          dispose();
          stage.close();
        });
  }

  /** Ends what goes on in the window. */
  void dispose() {
    disposeDocument();
    tick.stop();
  }

  private void tellThatLabsGoOn() {
    long running = current.get().map(document -> document.state().get().liveVms()).orElse(0L);
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
    current
        .get()
        .ifPresent(
            document -> migrations.update(document.topology().get(), document.state().get()));
  }
}
