// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mobitopolo.app.window.text.Language;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.task.LabException;
import org.mobitopolo.task.Task;
import org.mobitopolo.task.TaskState;
import org.mobitopolo.task.TaskStatus;
import org.mobitopolo.task.Tasks;

class TasksModelTest {
  private final ExecutorService fx = Executors.newSingleThreadExecutor();
  private final Tasks tasks = new Tasks();
  private final Notices notices = new Notices(fx, InstantSource.system());
  private final TasksModel model = new TasksModel(tasks, notices, Texts.in(Language.ENGLISH), fx);

  @AfterEach
  void end() {
    fx.shutdownNow();
  }

  @Test
  void aTaskIsListedWithItsProgressUntilItEnds() throws Exception {
    CountDownLatch half = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Task task =
        tasks.run(
            "Upload",
            progress -> {
              progress.phase("Sending.");
              progress.amount(512, 1024, TaskState.Unit.BYTES);
              half.countDown();
              goOn.await();
            });
    half.await();
    TaskState state = onFx(() -> model.rows().getFirst().state().get());
    assertThat(state.fraction()).hasValue(0.5);
    assertThat(TaskRow.describe(state, Texts.in(Language.ENGLISH)))
        .isEqualTo("Sending.  512 B of 1 KiB");
    goOn.countDown();
    task.await();
    awaitOnFx(() -> model.rows().isEmpty());
    assertThat(onFx(() -> notices.shown().size())).as("success needs no notice").isZero();
  }

  @Test
  void aTaskThatFailsLeavesANoticeWithTheReason() throws Exception {
    tasks
        .run(
            "Start client",
            _ -> {
              throw new LabException.NotPossible(
                  "client is in no region.", "Nothing was started.", "Drag it into one.");
            })
        .await();
    onFx(() -> null); // the state is taken over, and its notice queued behind that
    awaitOnFx(() -> !notices.shown().isEmpty());
    Notice notice = onFx(() -> notices.shown().getFirst());
    assertThat(notice.kind()).isEqualTo(Notice.Kind.ERROR);
    assertThat(notice.title()).isEqualTo("Start client failed");
    assertThat(notice.text())
        .isEqualTo("client is in no region. Nothing was started. Drag it into one.");
  }

  @Test
  void cancellingARowCancelsItsTask() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    Task task =
        tasks.run(
            "Wait",
            _ -> {
              running.countDown();
              Thread.sleep(60_000);
            });
    running.await();
    onFx(
        () -> {
          model.rows().getFirst().cancel();
          return null;
        });
    assertThat(task.await().status()).isEqualTo(TaskStatus.CANCELLED);
    assertThat(onFx(() -> notices.shown().size()))
        .as("what the user cancelled is no failure")
        .isZero();
  }

  /** Runs behind everything that is queued for the FX thread's stand-in. */
  private <T> T onFx(java.util.concurrent.Callable<T> action) throws Exception {
    Future<T> answer = fx.submit(action);
    return answer.get();
  }

  /** A task's listeners hear of its end shortly after those who await it. */
  private void awaitOnFx(java.util.concurrent.Callable<Boolean> condition) throws Exception {
    for (int tries = 0; tries < 1000 && !onFx(condition); tries++) {
      Thread.sleep(10);
    }
    assertThat(onFx(condition)).isTrue();
  }
}
