// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.frames;

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
 * @param framesPerSecond as they came, at most 60
 */
record FrameCost(double applicationMillis, double rendererMillis, double framesPerSecond) {
  private static final int WARM_UP = 60;
  private static final int FRAMES = 90;
  private static final int LONGEST_SECONDS = 180;

  /**
   * Does something in each of some frames and measures the later ones; the action is told the
   * frame's number.
   */
  static FrameCost measure(IntConsumer action) throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    long[] application = new long[2];
    long[] renderer = new long[2];
    long[] clock = new long[2];
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
                  clock[index] = System.nanoTime();
                }
                if (frame == WARM_UP + FRAMES) {
                  stop();
                  done.countDown();
                } else {
                  action.accept(frame++);
                }
              }
            }.start());
    if (!done.await(LONGEST_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException(
          WARM_UP + FRAMES + " frames took more than " + LONGEST_SECONDS + " seconds.");
    }
    return new FrameCost(
        millis(application), millis(renderer), 1000 / millis(clock));
  }

  private static double millis(long[] nanos) {
    return (nanos[1] - nanos[0]) / 1e6 / FRAMES;
  }

  private static long cpuTime(String threadName) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    return Arrays.stream(threads.dumpAllThreads(false, false, 0))
        .filter(thread -> thread.getThreadName().startsWith(threadName))
        .mapToLong(thread -> threads.getThreadCpuTime(thread.getThreadId()))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("There is no thread " + threadName + "."));
  }
}
