// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

/** Tidying up, which an interrupt must not cut short. */
final class Uninterrupted {
  private Uninterrupted() {}

  /** What waits for hosts, with limits of its own. */
  @FunctionalInterface
  interface Step {
    void run() throws InterruptedException;
  }

  /** Runs the step on a thread that nobody interrupts, and waits for its end; an interrupt of the caller comes into force afterwards. */
  static void run(Step step) {
    Thread thread =
        Thread.ofVirtual()
            .name("tidy up")
            .start(
                () -> {
                  try {
                    step.run();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
