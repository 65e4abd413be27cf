// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

/** What a virtual machine does. */
public enum VmStatus {
  /** Not running; its disk, if it has one, is kept. */
  STOPPED,
  /** Being made ready on its host: image, disk, process. */
  PREPARING,
  /** The guest boots and sets up its network. */
  BOOTING,
  RUNNING,
  /** Runs and moves to another region at the same time. */
  MIGRATING,
  STOPPING,
  /** Ended by itself in a way it should not. */
  CRASHED,
  /** Its supervisor died; the guest's state is complete and start continues it. */
  PARKED,
  /** Its host does not answer. */
  UNKNOWN;

  /** Whether the guest is there to talk to. */
  public boolean live() {
    return this == BOOTING || this == RUNNING || this == MIGRATING;
  }
}
