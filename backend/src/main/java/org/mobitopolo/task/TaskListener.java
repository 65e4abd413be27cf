// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.task;

/** Hears of tasks. Called on background threads, in order for each task; must return soon. */
@FunctionalInterface
public interface TaskListener {
  /**
   * Called when a task appears, changes, or ends ({@code state.status().ended()}, the last call for this task).
   */
  void taskChanged(Task task, TaskState state);
}
