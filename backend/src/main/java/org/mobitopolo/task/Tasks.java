// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.task;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Registry of all tasks of this program: what the task list of the window and the progress bars of the command line show. */
public final class Tasks {
  private final List<Task> active = new CopyOnWriteArrayList<>();
  private final List<TaskListener> listeners = new CopyOnWriteArrayList<>();

  /** A registry without tasks. */
  public Tasks() {}

  /** Starts work on a virtual thread of its own and returns at once. */
  public Task run(String title, Task.Work work) {
    Task task = new Task(title, this);
    active.add(task);
    Thread.ofVirtual().name("task " + title).start(() -> task.execute(work));
    return task;
  }

  /** The tasks that have not ended, oldest first. */
  public List<Task> active() {
    return List.copyOf(active);
  }

  public void addListener(TaskListener listener) {
    listeners.add(listener);
  }

  public void removeListener(TaskListener listener) {
    listeners.remove(listener);
  }

  void taskChanged(Task task, TaskState state) {
    if (state.status().ended()) {
      active.remove(task);
    }
    for (TaskListener listener : listeners) {
      listener.taskChanged(task, state);
    }
  }
}
