// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.mobitopolo.app.window.document.LabDocument;
import org.mobitopolo.app.window.status.Notice;
import org.mobitopolo.canvas.arrange.AutoLayout;
import org.mobitopolo.canvas.arrange.LayoutKind;
import org.mobitopolo.task.Task;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.edit.Edit;

/**
 * Computes automatic layouts in the background, as a task that can be cancelled, and makes the edit
 * of each when it is ready. FX thread.
 */
final class AutoArrange {
  private final WindowContext context;
  private final LabDocument document;
  private final Runnable arranged;
  private Task running;

  /**
   * @param arranged what to do when the whole lab has been arranged
   */
  AutoArrange(WindowContext context, LabDocument document, Runnable arranged) {
    this.context = context;
    this.document = document;
    this.arranged = arranged;
  }

  /** Begins to arrange these nodes and regions, or everything; gives up what was begun before. */
  void start(Collection<String> ids, LayoutKind kind) {
    cancel();
    Topology topology = document.topology().get();
    running =
        context
            .tasks()
            .run(
                context.texts().get("arrange.task", topology.name()),
                progress -> {
                  try {
                    Optional<Edit> edit = AutoLayout.of(topology, ids, kind, progress::cancelled);
                    context.fx().execute(() -> finish(topology, edit, progress));
                  } catch (CancellationException e) {
                    throw (InterruptedException) new InterruptedException().initCause(e);
                  }
                });
  }

  /** Gives up what is being computed. */
  void cancel() {
    if (running != null) {
      running.cancel();
      running = null;
    }
  }

  private void finish(Topology before, Optional<Edit> edit, Task.Progress progress) {
    if (progress.cancelled() || edit.isEmpty()) {
      return;
    }
    if (!document.topology().get().equals(before)) {
      context
          .notices()
          .show(
              Notice.info(
                  context.texts().get("arrange.not-done"),
                  context.texts().get("arrange.not-done.text")));
      return;
    }
    document.edit(edit.get());
    arranged.run();
  }
}
