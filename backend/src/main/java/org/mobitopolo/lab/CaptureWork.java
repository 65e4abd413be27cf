// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import org.mobitopolo.host.Agent;
import org.mobitopolo.host.Capture;
import org.mobitopolo.task.LabException;
import org.mobitopolo.task.Task;
import org.mobitopolo.task.TaskState.Unit;
import org.mobitopolo.topology.Node;

/**
 * Captures what passes one NIC of a node, as one pcapng stream that goes on when the node moves to another host. What passes between the end of one
 * part and the beginning of the next, some tens of milliseconds, is not in it.
 */
final class CaptureWork {
  /** For how long a node that has left one host may take to be seen on another. */
  private static final long ARRIVAL_MS = 15_000;

  private final LabModel model;
  private final Node node;
  private final int nic;
  private final OutputStream receiver;
  private long written;

  CaptureWork(LabModel model, Node node, int nic, OutputStream receiver) {
    this.model = model;
    this.node = node;
    this.nic = nic;
    this.receiver = receiver;
  }

  /** Ends when the node does, when the receiver says by an EOFException that it wants no more, or when it is cancelled, which counts as success. */
  void run(Task.Progress progress) throws InterruptedException {
    try {
      capture(progress);
    } catch (InterruptedException e) {
      if (!progress.cancelled()) {
        throw e;
      }
    }
  }

  private void capture(Task.Progress progress) throws InterruptedException {
    Optional<InstanceFact> instance = live();
    if (instance.isEmpty()) {
      throw new LabException.NotPossible(node.name() + " does not run, so nothing can be captured.", "", "Start it first.");
    }
    for (boolean goesOn = false; instance.isPresent() && !progress.cancelled(); goesOn = true) {
      Agent agent = model.agent(instance.get().host());
      progress.phase("Capturing what passes " + node.name() + " " + node.nics().get(nic).name() + ".");
      try (Capture capture = agent.capture(instance.get().instance(), nic, goesOn)) {
        progress.onCancel(capture::close);
        capture.copyTo(receiver, bytes -> progress.amount(written += bytes, 0, Unit.BYTES));
      } catch (EOFException e) {
        return;
      } catch (IOException e) {
        throw new LabException.NotPossible(
            "The capture of " + node.name() + " ended, for it could not be written: " + e.getMessage() + ".", "What was written before is kept.", "Check the free space there.");
      }
      if (!progress.cancelled()) {
        instance = next(instance.get().instance());
      }
    }
  }

  private Optional<InstanceFact> live() {
    return model.current(node.id()).filter(InstanceFact::live);
  }

  /** Where the node is now, if it went on elsewhere. */
  private Optional<InstanceFact> next(String last) throws InterruptedException {
    model.await(
        () -> {
          Optional<InstanceFact> now = model.current(node.id());
          boolean elsewhere = now.filter(fact -> fact.live() && !fact.instance().equals(last)).isPresent();
          boolean over = now.filter(fact -> fact.phase().off()).isPresent() || now.isEmpty() && !model.busy(node.id());
          return elsewhere || over;
        },
        ARRIVAL_MS);
    return live().filter(fact -> !fact.instance().equals(last));
  }
}
