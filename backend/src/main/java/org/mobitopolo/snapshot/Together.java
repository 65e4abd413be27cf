// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.mobitopolo.host.BulkChannel;
import org.mobitopolo.task.LabException;

/**
 * Steps that are done at once, of which all or none count: the first failure, or an interrupt of the caller, ends the others, and the caller goes
 * on only when all have ended. Platform threads, as reading a process's pipe would hold a virtual thread's carrier.
 */
final class Together {
  private final Set<BulkChannel> channels = ConcurrentHashMap.newKeySet();
  private final Semaphore turns;
  private volatile boolean over;

  /**
   * Nothing yet.
   *
   * @param most how many are done at once
   */
  Together(int most) {
    this.turns = new Semaphore(most);
  }

  /** A step; an interrupt asks it to end. */
  @FunctionalInterface
  interface Step<T> {
    T run() throws InterruptedException;
  }

  /** Has the channel closed when all is to end, as nothing else wakes those who wait for bytes. */
  BulkChannel closing(BulkChannel channel) {
    channels.add(channel);
    if (over) {
      channel.close();
    }
    return channel;
  }

  /**
   * Does all steps.
   *
   * @return their results, in their order
   * @throws LabException the first failure
   */
  <T> List<T> all(List<Step<T>> steps) throws InterruptedException {
    BlockingQueue<FutureTask<T>> ended = new LinkedBlockingQueue<>();
    List<FutureTask<T>> tasks = steps.stream().map(step -> task(step, ended)).toList();
    List<Thread> threads = tasks.stream().map(task -> Thread.ofPlatform().daemon().name("together").start(task)).toList();
    boolean allWell = false;
    try {
      for (int i = 0; i < tasks.size(); i++) {
        result(ended.take());
      }
      allWell = true;
    } finally {
      if (!allWell) {
        end(threads);
      }
    }
    List<T> results = new ArrayList<>();
    for (FutureTask<T> task : tasks) {
      results.add(result(task));
    }
    return results;
  }

  private <T> FutureTask<T> task(Step<T> step, BlockingQueue<FutureTask<T>> ended) {
    return new FutureTask<>(() -> inTurn(step)) {
      @Override
      protected void done() {
        ended.add(this);
      }
    };
  }

  private <T> T inTurn(Step<T> step) throws InterruptedException {
    turns.acquire();
    try {
      return step.run();
    } finally {
      turns.release();
    }
  }

  /** Of a task that has ended. */
  private static <T> T result(FutureTask<T> task) throws InterruptedException {
    try {
      return task.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException failure -> throw failure;
        case Error failure -> throw failure;
        default -> throw new IllegalStateException("only the caller interrupts steps", e.getCause());
      }
    }
  }

  private void end(List<Thread> threads) {
    over = true;
    channels.forEach(BulkChannel::close);
    threads.forEach(Thread::interrupt);
    boolean interrupted = Thread.interrupted();
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
