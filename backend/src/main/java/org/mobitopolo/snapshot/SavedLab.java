// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import java.io.IOException;
import java.io.OutputStream;
import org.mobitopolo.host.Agent;
import org.mobitopolo.snapshot.bundle.Manifest;
import org.mobitopolo.task.Task;
import tools.jackson.databind.node.ObjectNode;

/** What labs are restored from: a bundle, or what hosts keep. Thread-safe. */
interface SavedLab {
  /** What it holds. */
  Manifest manifest();

  /**
   * Makes as sure as can be, before anything is created, that all of it can be read.
   *
   * @throws org.mobitopolo.task.LabException why not
   */
  void check(Task.Progress progress) throws InterruptedException;

  /** Writes the raw bytes of a base image that the manifest names. */
  void writeImage(String sha256, OutputStream out) throws IOException;

  /**
   * Begins to hand out states.
   *
   * @param often whether each is wanted several times
   */
  States states(boolean often);

  /** Hands out the states of VMs. Thread-safe. */
  interface States extends AutoCloseable {
    /**
     * Makes a saved VM on a host.
     *
     * @param machine its number in the manifest
     * @param config the message CONFIG (protocols.md section 9)
     * @param together closes the channels when it all ends early
     */
    void put(int machine, ObjectNode config, Agent agent, String instance, Together together) throws InterruptedException;

    @Override
    void close();
  }
}
