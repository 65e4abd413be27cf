// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.util.Collection;
import java.util.function.UnaryOperator;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.task.Task;
import org.mobitopolo.task.Tasks;
import org.mobitopolo.topology.Topology;

/**
 * One lab: its wish (the topology) and its fact (what the hosts report). Changes of the wish return at once; the reconciler acts in the
 * background until wish and fact agree. Power is not part of the topology: {@link #start} and {@link #stop} are commands, and a VM exists on
 * a host only once it was started. Thread-safe; nothing here waits for I/O unless it says so.
 */
public final class Lab implements AutoCloseable {
  private Lab() {}

  /**
   * Opens a lab. Connects to the hosts of its regions in the background and takes over what runs there for this lab id. Nodes that run on
   * those hosts but are not in the topology are removed there, so open a lab that was found running with the topology found with it.
   */
  public static Lab open(Topology topology, Hosts hosts, Tasks tasks) {
    throw new UnsupportedOperationException();
  }

  /** The wish. */
  public Topology topology() {
    throw new UnsupportedOperationException();
  }

  /**
   * Changes the wish: the argument is usually {@code edit::apply}. A running node whose region changes is migrated; a removed node is stopped
   * and deleted; changed links and scripts take effect at once; memory, image and the number of NICs at the VM's next start.
   *
   * @return the new wish
   */
  public Topology update(UnaryOperator<Topology> change) {
    throw new UnsupportedOperationException();
  }

  /** Replaces the wish. */
  public void setTopology(Topology topology) {
    throw new UnsupportedOperationException();
  }

  /** The fact, as last heard. */
  public LabState state() {
    throw new UnsupportedOperationException();
  }

  public void addListener(LabListener listener) {
    throw new UnsupportedOperationException();
  }

  public void removeListener(LabListener listener) {
    throw new UnsupportedOperationException();
  }

  /** Waits until all hosts of the lab have answered or failed, so that {@link #state} tells what really runs. */
  public void awaitKnown() throws InterruptedException {
    throw new UnsupportedOperationException();
  }

  /**
   * A task that ends when wish and fact agree, so when no action is left to do or under way. It fails with the failure of an action; cancelling
   * it cancels the waiting only.
   */
  public Task settle() {
    throw new UnsupportedOperationException();
  }

  /** Starts VMs; the task ends when all run (start-up scripts begin then) or one failed. Nodes that already run are left alone. */
  public Task start(Collection<String> nodes) {
    throw new UnsupportedOperationException();
  }

  /** Shuts VMs down: the guests get {@code graceMs} milliseconds to end by themselves, then they are killed. Their disks are kept. */
  public Task stop(Collection<String> nodes, long graceMs) {
    throw new UnsupportedOperationException();
  }

  /**
   * Puts a node into another region. A VM that runs migrates live, and the task follows it and ends when it runs there, or failed, in which
   * case the node is put back into the region where it is. Cancelling the task leaves the VM where it was.
   */
  public Task migrate(String node, String region) {
    throw new UnsupportedOperationException();
  }

  /** Kills and deletes all VMs of this lab on all its hosts, and the lab there. The topology stays as it is. */
  public Task destroy() {
    throw new UnsupportedOperationException();
  }

  /** Opens a terminal at a VM's console; it connects in the background, also when the VM is started only later. */
  public ConsoleStream openConsole(String node, int rows, int columns, ConsoleListener listener) {
    throw new UnsupportedOperationException();
  }

  /**
   * Runs a command in a guest. Waits for the guest to take it.
   *
   * @throws org.mobitopolo.task.LabException if the VM does not run or its host does not answer
   */
  public ExecStream exec(String node, ExecRequest request) throws InterruptedException {
    throw new UnsupportedOperationException();
  }

  /**
   * The kernel's or the start-up script's log of a VM, its last {@code bytes} bytes. Waits for the host.
   *
   * @throws org.mobitopolo.task.LabException if the VM exists nowhere or its host does not answer
   */
  public String log(String node, LogKind which, int bytes) throws InterruptedException {
    throw new UnsupportedOperationException();
  }

  /** Which log of a VM. */
  public enum LogKind {
    KERNEL,
    STARTUP
  }

  /** Stops watching. VMs go on running; {@link Labs} finds them again. Hosts stay connected. */
  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
