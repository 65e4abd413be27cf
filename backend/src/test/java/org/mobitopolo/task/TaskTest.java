// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mobitopolo.task.TaskState.Unit;

@Timeout(20)
class TaskTest {
  private final Tasks tasks = new Tasks();

  @Test
  void aTaskThatEndsWellHasSucceeded() throws Exception {
    Task task =
        tasks.run(
            "Copy",
            progress -> {
              progress.phase("Copying.");
              progress.amount(3, 4, Unit.BYTES);
            });
    TaskState last = task.await();
    assertThat(last.status()).isEqualTo(TaskStatus.SUCCEEDED);
    assertThat(last.fraction()).hasValue(0.75);
    assertThat(last.phase()).isEqualTo("Copying.");
    assertThat(tasks.active()).isEmpty();
  }

  @Test
  void aFailureIsKeptAndThrownToWhoeverWaits() throws Exception {
    LabException reason = new LabException.NotPossible("It is not there.", "Nothing changed.", "Make it.");
    Task task =
        tasks.run(
            "Find",
            progress -> {
              throw reason;
            });
    assertThat(task.await().failure()).containsSame(reason);
    assertThatThrownBy(task::awaitSuccess).isSameAs(reason).hasMessage("It is not there. Nothing changed. Make it.");
  }

  @Test
  void anErrorOfThisProgramIsAFailureToo() throws Exception {
    Task task =
        tasks.run(
            "Break",
            progress -> {
              throw new IllegalStateException("bug");
            });
    TaskState last = task.await();
    assertThat(last.status()).isEqualTo(TaskStatus.FAILED);
    assertThat(last.failure().orElseThrow().getMessage()).contains("bug");
  }

  @Test
  void cancellingInterruptsTheWorkAndRunsItsCancelActions() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch cancelled = new CountDownLatch(1);
    Task task =
        tasks.run(
            "Wait",
            progress -> {
              progress.onCancel(cancelled::countDown);
              started.countDown();
              new CountDownLatch(1).await();
            });
    started.await();
    task.cancel();
    assertThat(task.await().status()).isEqualTo(TaskStatus.CANCELLED);
    cancelled.await();
    assertThatThrownBy(task::awaitSuccess).isInstanceOf(LabException.Cancelled.class);
  }

  @Test
  void aTaskCancelledTooLateHasSucceeded() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    Task task =
        tasks.run(
            "Finish",
            progress -> {
              started.countDown();
              while (!progress.cancelled()) {
                Thread.onSpinWait();
              }
            });
    started.await();
    task.cancel();
    assertThat(task.await().status()).isEqualTo(TaskStatus.SUCCEEDED);
  }

  @Test
  void listenersHearStatesInOrderAndTheEndLast() throws Exception {
    List<TaskState> heard = new CopyOnWriteArrayList<>();
    CountDownLatch go = new CountDownLatch(1);
    tasks.addListener((task, state) -> heard.add(state));
    Task task =
        tasks.run(
            "Count",
            progress -> {
              go.await();
              for (int i = 1; i <= 100; i++) {
                progress.amount(i, 100, Unit.STEPS);
              }
            });
    go.countDown();
    task.await();
    assertThat(heard).isSortedAccordingTo((one, other) -> Double.compare(one.done(), other.done()));
    assertThat(heard.getLast().status()).isEqualTo(TaskStatus.SUCCEEDED);
    assertThat(heard.stream().filter(state -> state.status().ended())).hasSize(1);
  }
}
