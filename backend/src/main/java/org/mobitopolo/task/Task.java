// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.task;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import org.mobitopolo.task.TaskState.Unit;

/**
 * One long-running thing that a user can watch and cancel. Tasks come from {@link Tasks#run}. All methods are thread-safe.
 */
public final class Task {
  private static final long RATE_WINDOW_NANOS = 1_000_000_000L;

  /** What a task does. Runs on a virtual thread, which is interrupted when the task is cancelled. */
  @FunctionalInterface
  public interface Work {
    /**
     * @throws LabException why it failed; {@link LabException.Cancelled} counts as cancelled
     * @throws InterruptedException counts as cancelled
     */
    void run(Progress progress) throws InterruptedException;
  }

  /** How the work tells where it stands. */
  public final class Progress {
    private Progress() {}

    /** Says what is being done now, one sentence. */
    public void phase(String sentence) {
      update(() -> phase = sentence);
    }

    /** Sets both ends of the progress at once; a new unit or total begins a new rate. */
    public void amount(double newDone, double newTotal, Unit newUnit) {
      update(
          () -> {
            if (newUnit != unit || newDone < done) {
              rateSince = System.nanoTime();
              rateFrom = newDone;
              rate = 0;
            }
            unit = newUnit;
            total = newTotal;
            done = newDone;
            long elapsed = System.nanoTime() - rateSince;
            if (elapsed >= RATE_WINDOW_NANOS) {
              rate = (done - rateFrom) * 1e9 / elapsed;
              rateSince += elapsed;
              rateFrom = done;
            }
          });
    }

    /** Registers what else a cancellation must do beside the interrupt; runs at once if already cancelled. */
    public void onCancel(Runnable action) {
      boolean now;
      synchronized (lock) {
        now = cancelAsked;
        if (!now) {
          cancelActions.add(action);
        }
      }
      if (now) {
        action.run();
      }
    }

    /** True once the user cancelled. */
    public boolean cancelled() {
      synchronized (lock) {
        return cancelAsked;
      }
    }
  }

  private final Object lock = new Object();
  private final Object notifyLock = new Object();
  private final String title;
  private final Tasks registry;
  private final List<TaskListener> listeners = new CopyOnWriteArrayList<>();
  private final List<Runnable> cancelActions = new ArrayList<>();
  private final CompletableFuture<TaskState> ended = new CompletableFuture<>();
  private String phase = "";
  private TaskStatus status = TaskStatus.QUEUED;
  private double done;
  private double total;
  private double rate;
  private double rateFrom;
  private long rateSince = System.nanoTime();
  private Unit unit = Unit.STEPS;
  private LabException failure;
  private boolean cancelAsked;
  private Thread thread;

  Task(String title, Tasks registry) {
    this.title = Objects.requireNonNull(title);
    this.registry = registry;
  }

  public String title() {
    return title;
  }

  public TaskState state() {
    synchronized (lock) {
      return new TaskState(title, phase, status, done, total, unit, rate, Optional.ofNullable(failure));
    }
  }

  /** Asks the task to end. Returns at once; the state tells when it has ended and what came of it. */
  public void cancel() {
    List<Runnable> actions;
    synchronized (lock) {
      if (cancelAsked || status.ended()) {
        return;
      }
      cancelAsked = true;
      status = TaskStatus.CANCELLING;
      actions = List.copyOf(cancelActions);
      if (thread != null) {
        thread.interrupt();
      }
    }
    changed();
    actions.forEach(Runnable::run);
  }

  public void addListener(TaskListener listener) {
    listeners.add(listener);
  }

  public void removeListener(TaskListener listener) {
    listeners.remove(listener);
  }

  /** Waits for the end and returns the last state, also when it failed or was cancelled. */
  public TaskState await() throws InterruptedException {
    try {
      return ended.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a task's end is never exceptional", e);
    }
  }

  /**
   * Waits for success.
   *
   * @throws LabException what the task failed with, or {@link LabException.Cancelled}
   */
  public void awaitSuccess() throws InterruptedException {
    TaskState last = await();
    switch (last.status()) {
      case SUCCEEDED -> {}
      case FAILED -> throw last.failure().orElseThrow();
      default -> throw new LabException.Cancelled(title + " was cancelled.", last.phase());
    }
  }

  /** Completes with the last state when the task has ended. */
  public CompletableFuture<TaskState> end() {
    return ended.copy();
  }

  void execute(Work work) {
    synchronized (lock) {
      thread = Thread.currentThread();
      if (!cancelAsked) {
        status = TaskStatus.RUNNING;
      }
    }
    changed();
    TaskStatus outcome;
    LabException reason = null;
    try {
      if (state().status() == TaskStatus.CANCELLING) {
        throw new InterruptedException();
      }
      work.run(new Progress());
      outcome = TaskStatus.SUCCEEDED;
    } catch (InterruptedException e) {
      outcome = TaskStatus.CANCELLED;
    } catch (LabException.Cancelled e) {
      outcome = TaskStatus.CANCELLED;
      update(() -> phase = e.standing());
    } catch (LabException e) {
      outcome = TaskStatus.FAILED;
      reason = e;
    } catch (RuntimeException e) {
      outcome = TaskStatus.FAILED;
      reason =
          new LabException.ProtocolBroken(
              title + " failed because of an error in this program: " + e + ".",
              "",
              "Please report this together with the program's log.",
              e);
    }
    finish(outcome, reason);
  }

  private void finish(TaskStatus outcome, LabException reason) {
    synchronized (lock) {
      thread = null;
      Thread.interrupted();
      status = outcome;
      failure = reason;
      cancelActions.clear();
    }
    changed();
    ended.complete(state());
  }

  private void update(Runnable change) {
    TaskState before;
    TaskState after;
    synchronized (lock) {
      before = state();
      change.run();
      after = state();
    }
    if (!before.equals(after)) {
      changed();
    }
  }

  /** Tells all listeners; one thread at a time, so that nobody hears of an older state after a newer one. */
  private void changed() {
    synchronized (notifyLock) {
      TaskState now = state();
      registry.taskChanged(this, now);
      for (TaskListener listener : listeners) {
        listener.taskChanged(this, now);
      }
    }
  }
}
