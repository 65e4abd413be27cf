// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.task;

/** Where a task stands. */
public enum TaskStatus {
  QUEUED,
  RUNNING,
  /** Asked to end; still undoing or waiting for a safe point. */
  CANCELLING,
  SUCCEEDED,
  FAILED,
  CANCELLED;

  /** True for the three states that a task never leaves. */
  public boolean ended() {
    return this == SUCCEEDED || this == FAILED || this == CANCELLED;
  }
}
