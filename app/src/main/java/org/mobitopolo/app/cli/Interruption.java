// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns ^C (and SIGTERM, SIGHUP) into an interrupt of the thread that runs the command, and keeps
 * the process alive until that thread has put things in order and said what holds, at most {@link
 * #PATIENCE_SECONDS}.
 */
public final class Interruption {

  private static final long PATIENCE_SECONDS = 60;

  private final Thread worker;
  private final CountDownLatch finished = new CountDownLatch(1);

  private Interruption(Thread worker) {
    this.worker = worker;
  }

  /** Watches for ^C on behalf of the calling thread. */
  public static Interruption install() {
    Interruption interruption = new Interruption(Thread.currentThread());
    Runtime.getRuntime().addShutdownHook(new Thread(interruption::run, "interruption"));
    return interruption;
  }

  private void run() {
    if (finished.getCount() == 0) {
      return;
    }
    worker.interrupt();
    try {
      if (!finished.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        System.err.println(
            "mobitopolo: gave up waiting for an orderly end. See \"mobitopolo status\" for what"
                + " holds now.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The command has ended and said what there was to say. */
  public void finished() {
    finished.countDown();
  }
}
