// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import javafx.scene.control.ButtonType;
import javafx.stage.FileChooser;
import javafx.stage.Window;
import org.mobitopolo.app.window.dialog.Dialogs;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.status.Notice;
import org.mobitopolo.snapshot.bundle.Bundle;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.TopologyFormatException;
import org.mobitopolo.topology.TopologyJson;

/**
 * Reading and writing lab files, in the background, with what the user has to be asked about them.
 * FX thread.
 */
final class FileActions {
  private static final String SUFFIX = ".json";

  private final WindowContext context;
  private final Window window;

  FileActions(WindowContext context, Window window) {
    this.context = context;
    this.window = window;
  }

  /** Lets the user pick a file to open. */
  Optional<Path> choose() {
    FileChooser chooser = chooser(context.texts().get("file.choose"));
    chooser
        .getExtensionFilters()
        .setAll(
            new FileChooser.ExtensionFilter(
                context.texts().get("file.filter-all"),
                "*" + SUFFIX,
                "*" + Bundle.SUFFIX));
    return Optional.ofNullable(chooser.showOpenDialog(window)).map(File::toPath);
  }

  /**
   * Reads a file; a damaged one is told with the place of the fault, and then {@code failed} runs.
   */
  void read(Path file, Consumer<Topology> opened, Runnable failed) {
    read(file, true, opened, failed);
  }

  /** Reads a file that is not the user's own, and so does not belong among the recent ones. */
  void readQuietly(Path file, Consumer<Topology> opened, Runnable failed) {
    read(file, false, opened, failed);
  }

  private void read(Path file, boolean remember, Consumer<Topology> opened, Runnable failed) {
    context
        .io()
        .execute(
            () -> {
              try {
                Topology topology = TopologyJson.read(file);
                if (remember) {
                  context.settings().addRecentFile(file);
                }
                context.fx().execute(() -> opened.accept(topology));
              } catch (TopologyFormatException e) {
                context.settings().removeRecentFile(file);
                context
                    .notices()
                    .show(
                        Notice.error(
                            context.texts().get("file.not-opened", file.getFileName()),
                            context.texts().get("file.not-opened.text", e.getMessage())));
                context.fx().execute(failed);
              }
            });
  }

  /**
   * Saves to the document's file, asking for one where there is none; {@code done} runs when the
   * file is written.
   */
  void save(LabDocument document, Runnable done) {
    document
        .file()
        .get()
        .ifPresentOrElse(file -> write(document, file, done), () -> saveAs(document, done));
  }

  void saveAs(LabDocument document, Runnable done) {
    FileChooser chooser = chooser(context.texts().get("file.save"));
    String name =
        document
            .topology()
            .get()
            .name()
            .strip()
            .replaceAll("[^\\p{L}\\p{N}._-]+", "-")
            .toLowerCase(java.util.Locale.ROOT);
    chooser.setInitialFileName(
        document.file().get().map(file -> file.getFileName().toString()).orElse(name + SUFFIX));
    File chosen = chooser.showSaveDialog(window);
    if (chosen != null) {
      Path file = chosen.toPath();
      write(
          document,
          file.toString().endsWith(SUFFIX)
              ? file
              : file.resolveSibling(file.getFileName() + SUFFIX),
          done);
    }
  }

  private void write(LabDocument document, Path file, Runnable done) {
    Topology topology = document.topology().get();
    context
        .io()
        .execute(
            () -> {
              try {
                TopologyJson.write(topology, file);
                context.settings().addRecentFile(file);
                context
                    .fx()
                    .execute(
                        () -> {
                          document.saved(file);
                          done.run();
                        });
              } catch (IOException e) {
                context
                    .notices()
                    .show(
                        Notice.error(
                            context.texts().get("file.not-saved"),
                            context.texts().get("file.not-saved.text", file, reason(e))));
              }
            });
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() + "." : e.getMessage() + ".";
  }

  /** Goes on when nothing is lost by it: at once without unsaved changes, else as the user says. */
  void unlessUnsaved(Optional<LabDocument> open, Runnable goOn) {
    if (open.isEmpty() || !open.get().modified().get()) {
      goOn.run();
      return;
    }
    LabDocument document = open.get();
    ButtonType save = Dialogs.button(context.texts().get("file.unsaved.save"), Dialogs.Role.MAIN);
    ButtonType discard =
        Dialogs.button(context.texts().get("file.unsaved.discard"), Dialogs.Role.OTHER);
    Optional<ButtonType> answer =
        context
            .dialogs()
            .ask(
                context.texts().get("file.unsaved", document.topology().get().name()),
                context.texts().get("file.unsaved.text"),
                save,
                discard);
    answer.ifPresent(
        chosen -> {
          if (chosen.equals(save)) {
            save(document, goOn);
          } else {
            goOn.run();
          }
        });
  }

  private FileChooser chooser(String title) {
    FileChooser chooser = new FileChooser();
    chooser.setTitle(title);
    chooser
        .getExtensionFilters()
        .add(new FileChooser.ExtensionFilter(context.texts().get("file.filter"), "*" + SUFFIX));
    context.settings().recentFiles().stream()
        .map(Path::getParent)
        .map(Path::toFile)
        .filter(File::isDirectory)
        .findFirst()
        .ifPresent(chooser::setInitialDirectory);
    return chooser;
  }
}
