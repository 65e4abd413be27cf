// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.testing;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import javafx.animation.AnimationTimer;
import javafx.application.Platform;

/**
 * The CPU time that a frame takes in JavaFX's two threads, which work at the same time. Unlike
 * frames a second it hardly depends on what else the machine does; 60 frames a second need at most
 * 16.7 ms in each.
 *
 * @param applicationMillis of the application thread: events, styles, layout
 * @param rendererMillis of the thread that paints
 */
public record FrameCost(double applicationMillis, double rendererMillis) {
  private static final int WARM_UP = 60;
  private static final int FRAMES = 60;

  /**
   * Does something in each of 120 frames and measures the later half; the action is told the
   * frame's number.
   */
  public static FrameCost measure(IntConsumer action) throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    long[] application = new long[2];
    long[] renderer = new long[2];
    Platform.runLater(
        () ->
            new AnimationTimer() {
              private int frame;

              @Override
              public void handle(long now) {
                if (frame == WARM_UP || frame == WARM_UP + FRAMES) {
                  int index = frame == WARM_UP ? 0 : 1;
                  application[index] = cpuTime("JavaFX Application Thread");
                  renderer[index] = cpuTime("QuantumRenderer");
                }
                if (frame == WARM_UP + FRAMES) {
                  stop();
                  done.countDown();
                } else {
                  action.accept(frame++);
                }
              }
            }.start());
    if (!done.await(180, TimeUnit.SECONDS)) {
      throw new IllegalStateException("120 frames took more than three minutes");
    }
    return new FrameCost(perFrame(application), perFrame(renderer));
  }

  private static double perFrame(long[] nanos) {
    return (nanos[1] - nanos[0]) / 1e6 / FRAMES;
  }

  private static long cpuTime(String threadName) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    return Arrays.stream(threads.dumpAllThreads(false, false, 0))
        .filter(thread -> thread.getThreadName().startsWith(threadName))
        .mapToLong(thread -> threads.getThreadCpuTime(thread.getThreadId()))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("There is no thread " + threadName));
  }
}
