// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.mobitopolo.app.window.dialog.Dialogs;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.status.Notice;
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
      String more = errors.size() > 3 ? "\nand " + (errors.size() - 3) + " more." : "";
      context.notices().show(Notice.error("The lab can't be started as it is", text + more));
      return;
    }
    List<String> unplaced =
        document.topology().get().nodes().stream()
            .filter(
                node ->
                    node.region().isEmpty() && (nodes.isEmpty() || nodes.contains(node.id())))
            .map(node -> node.name())
            .toList();
    if (!unplaced.isEmpty()) {
      context
          .notices()
          .show(
              Notice.warning(
                  String.join(", ", unplaced)
                      + (unplaced.size() == 1 ? " is in no region" : " are in no region"),
                  "Drag it into the region of the host where it should run, then start it."));
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
            one ? "Delete " + names + "?" : "Delete " + running.size() + " running VMs?",
            names
                + (one ? " is running. It is" : " are running. They are")
                + " switched off now, and deleted half an hour later, with what was changed on the disk."
                + " Undo brings it back until then, but not what was in memory.",
            one ? "Delete " + names : "Delete them",
            Dialogs.Role.DANGER);
  }

  /** Kills and deletes everything of the lab on its hosts, after asking. */
  void destroy() {
    boolean sure =
        context
            .dialogs()
            .confirm(
                "Destroy the running lab?",
                "All VMs of \""
                    + document.topology().get().name()
                    + "\" are killed and deleted on all hosts, with everything that was changed on"
                    + " their disks. The topology stays.",
                "Destroy",
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
                    .show(
                        Notice.info(
                            "One moment",
                            "The lab's hosts have not answered yet. Try again when they have.")));
  }
}
