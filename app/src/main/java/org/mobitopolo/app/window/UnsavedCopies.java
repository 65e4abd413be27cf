// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import javafx.animation.PauseTransition;
import javafx.util.Duration;
import org.mobitopolo.app.window.document.Autosave;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.status.Notice;
import org.mobitopolo.topology.Topology;

/**
 * Keeps copies of labs with unsaved changes, a moment after the last change, and finds those that a
 * crash left. Writes in the background. FX thread.
 */
final class UnsavedCopies {
  private static final Duration AFTER = Duration.seconds(2);

  private final WindowContext context;
  private final Map<LabDocument, PauseTransition> pauses = new HashMap<>();

  UnsavedCopies(WindowContext context) {
    this.context = context;
  }

  /** Keeps copies of this lab from now on. */
  void follow(LabDocument document) {
    PauseTransition pause = new PauseTransition(AFTER);
    pause.setOnFinished(_ -> keep(document));
    pauses.put(document, pause);
    document.topology().addListener(_ -> pause.playFromStart());
  }

  /** The lab was saved, or its changes were given up: nothing is to be kept of it now. */
  void forget(LabDocument document) {
    Optional.ofNullable(pauses.get(document)).ifPresent(PauseTransition::stop);
    forget(document.topology().get().id());
  }

  /** Ends following a lab. */
  void leave(LabDocument document) {
    Optional.ofNullable(pauses.remove(document)).ifPresent(PauseTransition::stop);
  }

  void forget(String lab) {
    context
        .io()
        .execute(
            () -> {
              try {
                context.autosave().forget(lab);
              } catch (IOException e) {
                warn("autosave.not-removed", String.valueOf(e.getMessage()));
              }
            });
  }

  private void keep(LabDocument document) {
    if (!document.modified().get()) {
      return;
    }
    Topology topology = document.topology().get();
    Optional<Path> file = document.file().get();
    context
        .io()
        .execute(
            () -> {
              try {
                context.autosave().keep(topology, file);
              } catch (IOException e) {
                warn(
                    "autosave.not-written",
                    context.texts().get("autosave.not-written.text", e.getMessage()));
              }
            });
  }

  /** Looks for copies that a crash left. */
  void find(Consumer<List<Autosave.Left>> found) {
    context
        .io()
        .execute(
            () -> {
              try {
                List<Autosave.Left> left = context.autosave().left();
                context.fx().execute(() -> found.accept(left));
              } catch (IOException e) {
                warn("autosave.unreadable", String.valueOf(e.getMessage()));
              }
            });
  }

  private void warn(String title, String text) {
    context.notices().show(Notice.warning(context.texts().get(title), text));
  }
}
