// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.status;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import javafx.collections.FXCollections;
import javafx.collections.ObservableList;
import org.mobitopolo.app.window.FxThread;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.task.Task;
import org.mobitopolo.task.TaskState;
import org.mobitopolo.task.Tasks;

/**
 * The tasks that run, as the window shows them. States that come faster than the executor takes
 * them are left out; the last one of a task never is. A task that fails leaves a notice.
 */
public final class TasksModel {
  private final Executor executor;
  private final Notices notices;
  private final Texts texts;
  private final ObservableList<TaskRow> rows = FXCollections.observableArrayList();
  private final Map<Task, Consumer<TaskState>> inbox = new ConcurrentHashMap<>();

  public TasksModel(Tasks tasks, Notices notices, Texts texts, Executor executor) {
    this.executor = executor;
    this.notices = notices;
    this.texts = texts;
    tasks.addListener(this::changed);
  }

  /** The tasks that have not ended, oldest first; belongs to the executor's thread. */
  public ObservableList<TaskRow> rows() {
    return rows;
  }

  private void changed(Task task, TaskState state) {
    inbox
        .computeIfAbsent(task, key -> FxThread.latest(executor, now -> show(key, now)))
        .accept(state);
  }

  private void show(Task task, TaskState state) {
    TaskRow row = rows.stream().filter(known -> known.task() == task).findFirst().orElse(null);
    if (state.status().ended()) {
      inbox.remove(task);
      rows.remove(row);
      switch (state.status()) {
        case SUCCEEDED -> notices.log(Notice.success(texts.get("events.done", state.title()), ""));
        case CANCELLED ->
            notices.log(Notice.info(texts.get("events.cancelled", state.title()), state.phase()));
        default -> {}
      }
      state
          .failure()
          .ifPresent(
              failure ->
                  notices.show(
                      Notice.error(
                          texts.get("tasks.failed", state.title()), failure.getMessage())));
    } else if (row == null) {
      rows.add(new TaskRow(task, state));
    } else {
      row.update(state);
    }
  }
}
