// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mobitopolo.task.LabException;

@Timeout(20)
class TogetherTest {
  @Test
  void resultsComeInTheOrderOfTheStepsAndNeverTooManyRunAtOnce() throws Exception {
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<Together.Step<Integer>> steps = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      int number = i;
      steps.add(
          () -> {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            Thread.sleep(number % 3);
            running.decrementAndGet();
            return number;
          });
    }
    List<Integer> results = new Together(3).all(steps);
    assertThat(results).hasSize(40).isSorted();
    assertThat(most.get()).isBetween(1, 3);
  }

  @Test
  void theFirstFailureEndsTheOthersAndIsThrownWhenTheyHaveEnded() {
    CountDownLatch waiting = new CountDownLatch(1);
    AtomicInteger ended = new AtomicInteger();
    List<Together.Step<Void>> steps =
        List.of(
            () -> {
              waiting.countDown();
              try {
                Thread.sleep(1_000_000);
              } finally {
                ended.incrementAndGet();
              }
              return null;
            },
            () -> {
              waiting.await();
              throw new LabException.NotPossible("the reason", "", "");
            });
    assertThatThrownBy(() -> new Together(4).all(steps)).isInstanceOf(LabException.NotPossible.class).hasMessage("the reason");
    assertThat(ended.get()).isEqualTo(1);
  }

  @Test
  void anInterruptOfTheCallerEndsAllSteps() throws Exception {
    CountDownLatch waiting = new CountDownLatch(2);
    AtomicInteger ended = new AtomicInteger();
    Together.Step<Void> step =
        () -> {
          waiting.countDown();
          try {
            Thread.sleep(1_000_000);
          } finally {
            ended.incrementAndGet();
          }
          return null;
        };
    Thread caller = Thread.currentThread();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                waiting.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              caller.interrupt();
            });
    assertThatThrownBy(() -> new Together(2).all(List.of(step, step))).isInstanceOf(InterruptedException.class);
    Thread.interrupted();
    assertThat(ended.get()).isEqualTo(2);
  }
}
