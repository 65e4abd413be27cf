// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.frames;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;

/** The CPU time that JavaFX's two threads have taken. */
final class FxThreads {
  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final long application;
  private final long renderer;

  private FxThreads() {
    application = id("JavaFX Application Thread");
    renderer = id("QuantumRenderer");
  }

  /** Finds them; JavaFX must run. */
  static FxThreads find() {
    return new FxThreads();
  }

  /** Nanoseconds of CPU time of the thread that handles events and lays out. */
  long applicationNanos() {
    return threads.getThreadCpuTime(application);
  }

  /** Nanoseconds of CPU time of the thread that paints. */
  long rendererNanos() {
    return threads.getThreadCpuTime(renderer);
  }

  private long id(String name) {
    return Arrays.stream(threads.dumpAllThreads(false, false, 0))
        .filter(thread -> thread.getThreadName().startsWith(name))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("There is no thread " + name + "."))
        .getThreadId();
  }
}
