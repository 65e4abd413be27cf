// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.lab.VmStatus;
import org.mobitopolo.task.LabException;
import org.mobitopolo.task.Task;
import org.mobitopolo.task.Tasks;
import org.mobitopolo.topology.Region;

/**
 * Takes a snapshot of a running lab every so often and keeps the last few of them; those that a user asked for stay. A snapshot that fails is told and
 * the next one is taken in its time; while nothing runs none is; one that is not done when the next is due makes it wait. Has a thread of its own until it is closed.
 */
public final class AutomaticSnapshots implements AutoCloseable {
  private final Lab lab;
  private final Hosts hosts;
  private final Tasks tasks;
  private final Plan plan;
  private final Supplier<Optional<byte[]>> picture;
  private final Listener listener;
  private final Thread thread;

  /**
   * When, and how many.
   *
   * @param every from the beginning of one to that of the next
   * @param keep how many automatic ones are kept, at least one
   */
  public record Plan(Duration every, int keep) {
    public Plan {
      if (every.compareTo(Duration.ofSeconds(1)) < 0 || keep < 1) {
        throw new IllegalArgumentException("Automatic snapshots need at least a second between them, and at least one is kept.");
      }
    }
  }

  /** Hears what becomes of them, on their thread. */
  public interface Listener {
    void taken(SnapshotReport report);

    void failed(LabException why);
  }

  private AutomaticSnapshots(Lab lab, Hosts hosts, Tasks tasks, Plan plan, Supplier<Optional<byte[]>> picture, Listener listener) {
    this.lab = lab;
    this.hosts = hosts;
    this.tasks = tasks;
    this.plan = plan;
    this.picture = picture;
    this.listener = listener;
    this.thread = Thread.ofVirtual().name("automatic snapshots of " + lab.topology().name()).unstarted(this::run);
  }

  /**
   * Begins; the first one is taken when the time is over once.
   *
   * @param picture the lab's thumbnail, asked for each time on the thread of the snapshots
   */
  public static AutomaticSnapshots start(Lab lab, Hosts hosts, Tasks tasks, Plan plan, Supplier<Optional<byte[]>> picture, Listener listener) {
    AutomaticSnapshots automatic = new AutomaticSnapshots(lab, hosts, tasks, plan, picture, listener);
    automatic.thread.start();
    return automatic;
  }

  public Plan plan() {
    return plan;
  }

  private void run() {
    long next = System.nanoTime();
    try {
      while (true) {
        next += plan.every().toNanos();
        Thread.sleep(Duration.ofNanos(Math.max(0, next - System.nanoTime())));
        next = Math.max(next, System.nanoTime());
        if (lab.state().vms().values().stream().anyMatch(vm -> vm.status() == VmStatus.RUNNING)) {
          attempt(this::take, listener::taken);
          attempt(this::prune, _ -> {});
        }
      }
    } catch (InterruptedException e) {
      // closed
    }
  }

  private interface Attempt<T> {
    T run() throws InterruptedException;
  }

  private <T> void attempt(Attempt<T> attempt, Consumer<T> done) throws InterruptedException {
    try {
      done.accept(attempt.run());
    } catch (LabException.Cancelled e) {
      // the user ended this one; the next one comes
    } catch (LabException e) {
      listener.failed(e);
    }
  }

  private SnapshotReport take() throws InterruptedException {
    KeepSnapshot work = new KeepSnapshot(lab, hosts, new SnapshotNote("", true, Optional.empty(), picture.get()));
    Task task = tasks.run("Take a snapshot of " + lab.topology().name(), work);
    try {
      task.awaitSuccess();
    } catch (InterruptedException e) {
      task.cancel();
      throw e;
    }
    return work.report();
  }

  private StoredSnapshots prune() throws InterruptedException {
    StoredSnapshots stored = new StoredSnapshots(hosts, lab.topology().regions().stream().map(Region::host).toList(), lab.topology().id());
    List<String> automatic = stored.list().stream().filter(each -> each.automatic() && each.complete()).map(StoredSnapshots.Stored::id).toList();
    for (String old : automatic.subList(0, Math.max(0, automatic.size() - plan.keep()))) {
      stored.delete(old);
    }
    return stored;
  }

  /** Takes no more; one that is under way is cancelled. */
  @Override
  public void close() {
    thread.interrupt();
  }
}
