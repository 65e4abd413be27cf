// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.status;

import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.task.Task;
import org.mobitopolo.task.TaskState;

/** A task in the list, with its state as last heard. */
public final class TaskRow {
  private final Task task;
  private final ReadOnlyObjectWrapper<TaskState> state;

  TaskRow(Task task, TaskState state) {
    this.task = task;
    this.state = new ReadOnlyObjectWrapper<>(state);
  }

  Task task() {
    return task;
  }

  public ReadOnlyObjectProperty<TaskState> state() {
    return state.getReadOnlyProperty();
  }

  void update(TaskState newState) {
    state.set(newState);
  }

  public void cancel() {
    task.cancel();
  }

  /** What it does now and how far it is, in one line. */
  public static String describe(TaskState state, Texts texts) {
    String amount =
        state.unit() == TaskState.Unit.BYTES && state.total() > 0
            ? texts.get("tasks.amount", Units.bytes(state.done()), Units.bytes(state.total()))
            : "";
    String rate =
        state.unit() == TaskState.Unit.BYTES && state.rate() > 0
            ? ", " + Units.bytesPerSecond(state.rate())
            : "";
    String phase =
        switch (state.status()) {
          case QUEUED -> texts.get("tasks.waiting");
          case CANCELLING -> texts.get("tasks.cancelling");
          default -> state.phase();
        };
    return phase.isEmpty() || amount.isEmpty()
        ? phase + amount + rate
        : phase + "  " + amount + rate;
  }
}
