// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javafx.scene.control.Tab;
import javafx.stage.Window;
import org.mobitopolo.app.window.document.Autosave;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.status.MigrationsModel;
import org.mobitopolo.app.window.status.Notice;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.lab.Labs;
import org.mobitopolo.task.Task;
import org.mobitopolo.topology.Ids;
import org.mobitopolo.topology.Topology;

/**
 * Opens, saves and closes labs, each in a tab. A lab is open once at most, as two windows on one
 * lab would undo each other's wishes. FX thread.
 */
final class LabDesk {
  private final WindowContext context;
  private final FileActions files;
  private final LabOpener opener;
  private final UnsavedCopies copies;
  private final LabTabs tabs;
  private final BiConsumer<LabDocument, DocumentView> opened;
  private final Runnable nothingOpen;

  /**
   * @param opened is told of each new document with its view
   * @param nothingOpen runs when the last lab was closed, or could not be opened
   */
  LabDesk(
      WindowContext context,
      Window window,
      BiConsumer<LabDocument, DocumentView> opened,
      Runnable nothingOpen) {
    this.context = context;
    this.opened = opened;
    this.nothingOpen = nothingOpen;
    tabs = new LabTabs(context.texts().get("tabs.labs"), this::close);
    files = new FileActions(context, window);
    opener = new LabOpener(context);
    copies = new UnsavedCopies(context);
  }

  LabTabs tabs() {
    return tabs;
  }

  UnsavedCopies copies() {
    return copies;
  }

  private Optional<OpenLab> current() {
    return tabs.current().get();
  }

  void newLab() {
    show(Topology.empty(Ids.newLabId(), context.texts().get("lab.new")), Optional.empty(), false);
  }

  /** Lets the user pick a file to open. */
  Optional<Path> choose() {
    return files.choose();
  }

  void open(Path file) {
    files.read(file, topology -> show(topology, Optional.of(file), false), this::notOpened);
  }

  /** Opens a file of the program's own, as a new lab that has no file yet. */
  void openCopyOf(Path file) {
    files.readQuietly(file, topology -> show(topology, Optional.empty(), false), this::notOpened);
  }

  private void notOpened() {
    if (current().isEmpty()) {
      nothingOpen.run();
    }
  }

  private void show(Topology topology, Optional<Path> file, boolean unsaved) {
    Optional<OpenLab> before = tabs.find(topology.id());
    if (before.isPresent()) {
      tabs.select(before.get());
      return;
    }
    LabDocument document = new LabDocument(topology, file, unsaved, context.fx(), this::refused);
    show(document);
    opener.findRunning(topology, running -> attach(document, running));
  }

  /** Shows a document in a new tab. */
  void show(LabDocument document) {
    MigrationsModel migrations = new MigrationsModel(InstantSource.system());
    DocumentView view =
        new DocumentView(context, document, new LabActions(context, document), migrations);
    OpenLab lab = new OpenLab(document, view, migrations, new Tab());
    document.topology().subscribe(_ -> showTitle(lab));
    document.modified().subscribe(_ -> showTitle(lab));
    copies.follow(document);
    opened.accept(document, view);
    tabs.add(lab);
  }

  private static void showTitle(OpenLab lab) {
    lab.tab()
        .setText(
            (lab.document().modified().get() ? "● " : "") + lab.document().topology().get().name());
  }

  private void refused(String reason) {
    context.notices().show(Notice.warning(context.texts().get("lab.not-possible"), reason));
  }

  private void attach(LabDocument document, Optional<Topology> running) {
    Optional<OpenLab> open = ofDocument(document);
    if (open.isEmpty()) {
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
      remove(open.get());
      show(asItRuns);
      attachLab(asItRuns);
      context
          .notices()
          .show(Notice.info(context.texts().get("lab.runs"), context.texts().get("lab.runs.text")));
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
    if (ofDocument(document).isPresent()) {
      document.attach(lab);
    } else {
      lab.close(); // its tab was closed meanwhile
    }
  }

  /**
   * Lets go of a lab while a task makes it anew on its hosts, and then shows it as it is.
   *
   * @param result the lab's topology after the task, whatever came of that
   */
  Task remake(OpenLab lab, String title, Task.Work work, Supplier<Topology> result) {
    lab.document().detach();
    Task task = context.tasks().run(title, work);
    task.end()
        .thenAccept(
            _ ->
                context
                    .fx()
                    .execute(() -> attach(lab.document(), Optional.of(result.get()))));
    return task;
  }

  private Optional<OpenLab> ofDocument(LabDocument document) {
    return tabs.all().stream().filter(lab -> lab.document() == document).findFirst();
  }

  /** Opens a lab as it was found running. */
  void openRunning(Labs.Found found) {
    Optional<OpenLab> before = tabs.find(found.topology().id());
    if (before.isPresent()) {
      tabs.select(before.get());
      return;
    }
    Optional<Path> file =
        context.knownLabs().entries().stream()
            .filter(entry -> entry.id().equals(found.topology().id()))
            .findFirst()
            .flatMap(entry -> entry.file());
    LabDocument document =
        new LabDocument(found.topology(), file, false, context.fx(), this::refused);
    show(document);
    attachLab(document);
  }

  /** Opens a lab that was just made on its hosts; it stands in no file yet. */
  void openMade(Topology topology) {
    LabDocument document =
        new LabDocument(topology, Optional.empty(), false, context.fx(), this::refused);
    show(document);
    attachLab(document);
  }

  /** Opens a lab that was made of another program's; it stands in no file yet. */
  void openImported(Topology topology) {
    show(topology, Optional.empty(), true);
  }

  void openRecovered(Autosave.Left left) {
    show(left.topology(), left.file(), true);
  }

  /** Asks all hosts that are known for labs that run. */
  void findRunning(Consumer<Labs.Search> found) {
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

  /**
   * Says, when a lab was opened at once, that a crash left something; the welcome page shows it by
   * itself.
   */
  void offerRecovery() {
    copies.find(left -> left.forEach(this::offer));
  }

  private void offer(Autosave.Left copy) {
    context
        .notices()
        .show(
            Notice.warning(
                    context.texts().get("autosave.kept"),
                    context.texts().get("autosave.kept.text", copy.topology().name()))
                .with(
                    new Notice.Action(
                        context.texts().get("autosave.open"), () -> openRecovered(copy)),
                    new Notice.Action(
                        context.texts().get("autosave.discard"),
                        () -> copies.forget(copy.topology().id()))));
  }

  void save() {
    current().ifPresent(lab -> files.save(lab.document(), () -> copies.forget(lab.document())));
  }

  void saveAs() {
    current().ifPresent(lab -> files.saveAs(lab.document(), () -> copies.forget(lab.document())));
  }

  /** Closes the lab that is seen, after asking about unsaved changes. */
  void closeCurrent() {
    current().ifPresent(this::close);
  }

  private void close(OpenLab lab) {
    tabs.select(lab);
    files.unlessUnsaved(
        Optional.of(lab.document()),
        () -> {
          copies.forget(lab.document());
          remove(lab);
          notOpened();
        });
  }

  private void remove(OpenLab lab) {
    copies.leave(lab.document());
    tabs.remove(lab);
  }

  /**
   * Asks about the unsaved changes of all labs, one after the other, and goes on unless the user
   * stays.
   */
  void unlessUnsaved(Runnable goOn) {
    unlessUnsaved(tabs.all(), goOn);
  }

  private void unlessUnsaved(List<OpenLab> labs, Runnable goOn) {
    if (labs.isEmpty()) {
      goOn.run();
      return;
    }
    OpenLab first = labs.getFirst();
    if (first.document().modified().get()) {
      tabs.select(first);
    }
    files.unlessUnsaved(
        Optional.of(first.document()), () -> unlessUnsaved(labs.subList(1, labs.size()), goOn));
  }

  /** Closes all labs without asking; they go on running. */
  void closeAll() {
    tabs.all().forEach(this::remove);
  }
}
