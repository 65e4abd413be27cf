// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.mobitopolo.app.window.dialog.Dialogs;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.status.Notice;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.topology.Problem;
import org.mobitopolo.topology.Validator;
import org.mobitopolo.topology.edit.Edit;

/**
 * What can be done with the open lab beyond editing: power, destroying, asking before something is
 * lost. FX thread.
 */
final class LabActions {
  private static final long STOP_GRACE_MS = 5000;

  private final WindowContext context;
  private final LabDocument document;

  LabActions(WindowContext context, LabDocument document) {
    this.context = context;
    this.document = document;
  }

  /**
   * Starts these nodes, or all when there are none; a topology with errors is not started but told.
   */
  void start(Collection<String> nodes) {
    List<Problem> errors = Validator.errors(document.topology().get());
    if (!errors.isEmpty()) {
      String text =
          errors.stream().limit(3).map(Problem::message).collect(Collectors.joining("\n"));
      String more =
          errors.size() > 3 ? "\n" + texts().get("lab.more-problems", errors.size() - 3) : "";
      context.notices().show(Notice.error(texts().get("lab.cannot-start"), text + more));
      return;
    }
    List<String> unplaced =
        document.topology().get().nodes().stream()
            .filter(
                node -> node.region().isEmpty() && (nodes.isEmpty() || nodes.contains(node.id())))
            .map(node -> node.name())
            .toList();
    if (!unplaced.isEmpty()) {
      context
          .notices()
          .show(
              Notice.warning(
                  texts().get("lab.unplaced", String.join(", ", unplaced), unplaced.size()),
                  texts().get("lab.unplaced.text")));
    }
    List<String> startable =
        document.startable(nodes).stream()
            .filter(
                id -> document.topology().get().node(id).flatMap(node -> node.region()).isPresent())
            .toList();
    if (!startable.isEmpty()) {
      withLab(lab -> lab.start(startable));
    }
  }

  private Texts texts() {
    return context.texts();
  }

  /** Shuts these nodes down, or all when there are none. */
  void stop(Collection<String> nodes) {
    List<String> stoppable = document.stoppable(nodes);
    if (!stoppable.isEmpty()) {
      withLab(lab -> lab.stop(stoppable, STOP_GRACE_MS));
    }
  }

  /** Makes an edit, after asking if it would delete a VM that runs. */
  void edit(Edit edit) {
    List<String> lost = document.runningMachinesRemovedBy(edit);
    if (lost.isEmpty() || mayDelete(lost)) {
      document.edit(edit);
    }
  }

  void undo() {
    document.undo(this::mayDelete);
  }

  void redo() {
    document.redo(this::mayDelete);
  }

  private boolean mayDelete(List<String> running) {
    String names = String.join(", ", running);
    boolean one = running.size() == 1;
    return context
        .dialogs()
        .confirm(
            one
                ? texts().get("lab.delete.one", names)
                : texts().get("lab.delete.many", running.size()),
            texts().get("lab.delete.text", names, running.size()),
            one
                ? texts().get("lab.delete.button.one", names)
                : texts().get("lab.delete.button.many"),
            Dialogs.Role.DANGER);
  }

  /** Kills and deletes everything of the lab on its hosts, after asking. */
  void destroy() {
    boolean sure =
        context
            .dialogs()
            .confirm(
                texts().get("lab.destroy"),
                texts().get("lab.destroy.text", document.topology().get().name()),
                texts().get("lab.destroy.button"),
                Dialogs.Role.DANGER);
    if (sure) {
      withLab(Lab::destroy);
    }
  }

  private void withLab(Consumer<Lab> action) {
    document
        .lab()
        .get()
        .ifPresentOrElse(
            action,
            () ->
                context
                    .notices()
                    .show(Notice.info(texts().get("lab.wait"), texts().get("lab.wait.text"))));
  }
}
