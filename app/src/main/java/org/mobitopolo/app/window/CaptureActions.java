// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.io.BufferedOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javafx.stage.FileChooser;
import javafx.stage.Window;
import org.mobitopolo.app.window.capture.Analyser;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.status.Notice;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.task.LabException;
import org.mobitopolo.task.Task;
import org.mobitopolo.topology.End;
import org.mobitopolo.topology.Link;
import org.mobitopolo.topology.Topology;

/**
 * Captures what passes a link or an interface while the lab runs. A capture follows its node
 * through migrations; it is a task, and ends when that is cancelled, the node stops or the analyser
 * is closed. FX thread.
 */
final class CaptureActions {
  /** The setting that names the analyser to start. */
  static final String ANALYSER = "analyser";

  private static final String SUFFIX = ".pcapng";

  private final WindowContext context;
  private final LabDocument document;
  private final Supplier<Window> window;

  /**
   * @param window the window that dialogs belong to
   */
  CaptureActions(
      WindowContext context, LabDocument document, Supplier<Window> window) {
    this.context = context;
    this.document = document;
    this.window = window;
  }

  private Texts texts() {
    return context.texts();
  }

  /**
   * The interfaces that can be captured of what is selected: of a link the end that runs, of a node
   * all.
   */
  List<End> places(String id) {
    Topology topology = document.topology().get();
    Optional<Link> link = topology.link(id);
    if (link.isPresent()) {
      return List.of(runs(link.get().a()) || !runs(link.get().b()) ? link.get().a() : link.get().b());
    }
    return topology
        .node(id)
        .map(node -> node.nics().stream().map(nic -> new End(id, nic.name())).toList())
        .orElse(List.of());
  }

  private boolean runs(End end) {
    return document.vm(end.node()).status().live();
  }

  private String name(End place) {
    return document.topology().get().node(place.node()).map(node -> node.name()).orElse("")
        + " "
        + place.nic();
  }

  /** Shows what passes in the analyser, as it passes. */
  void analyse(End place) {
    withLab(
        place,
        lab -> {
          String chosen = context.settings().get(ANALYSER).orElse("");
          String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
          Optional<Path> program = Analyser.find(chosen, path);
          if (program.isEmpty()) {
            tellNoAnalyser(place);
            return;
          }
          context.io().execute(() -> analyse(lab, place, program.get()));
        });
  }

  private void analyse(Lab lab, End place, Path program) {
    try (Analyser analyser = Analyser.start(program)) {
      Task task = lab.capture(place.node(), place.nic(), analyser.input());
      analyser.closed().thenRun(task::cancel);
      task.await();
    } catch (LabException e) {
      context.notices().show(Notice.error(texts().get("capture.failed"), e.getMessage()));
    } catch (IOException e) {
      context
          .notices()
          .show(
              Notice.error(
                  texts().get("capture.failed"),
                  texts().get("capture.not-started", program, String.valueOf(e.getMessage()))));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void tellNoAnalyser(End place) {
    context
        .notices()
        .show(
            Notice.warning(
                    texts().get("capture.no-analyser"), texts().get("capture.no-analyser.text"))
                .with(new Notice.Action(texts().get("command.capture-file"), () -> save(place))));
  }

  /** Writes what passes to a file that the user chooses. */
  void save(End place) {
    withLab(
        place,
        lab -> {
          FileChooser chooser = new FileChooser();
          chooser.setTitle(texts().get("command.capture-file"));
          chooser.setInitialFileName(
              name(place).replaceAll("[^\\p{L}\\p{N}._-]+", "-") + SUFFIX);
          chooser
              .getExtensionFilters()
              .add(new FileChooser.ExtensionFilter(texts().get("capture.filter"), "*" + SUFFIX));
          File file = chooser.showSaveDialog(window.get());
          if (file != null) {
            save(lab, place, file.toPath());
          }
        });
  }

  /** Writes what passes to this file until the task is cancelled or the node stops. */
  void save(Lab lab, End place, Path file) {
    context.io().execute(() -> write(lab, place, file));
  }

  private void write(Lab lab, End place, Path file) {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      Task task = lab.capture(place.node(), place.nic(), out);
      context
          .notices()
          .show(
              Notice.info(
                      texts().get("capture.runs", name(place)),
                      texts().get("capture.runs.text", file))
                  .with(new Notice.Action(texts().get("capture.end"), task::cancel)));
      task.await();
    } catch (LabException e) {
      context.notices().show(Notice.error(texts().get("capture.failed"), e.getMessage()));
    } catch (IOException e) {
      context
          .notices()
          .show(
              Notice.error(
                  texts().get("capture.failed"),
                  texts().get("capture.not-written", file, String.valueOf(e.getMessage()))));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void withLab(End place, Consumer<Lab> action) {
    Optional<Lab> lab = document.lab().get();
    if (lab.isPresent() && runs(place)) {
      action.accept(lab.get());
    } else {
      context
          .notices()
          .show(Notice.info(texts().get("capture.not-running"), texts().get("capture.start-first")));
    }
  }
}
