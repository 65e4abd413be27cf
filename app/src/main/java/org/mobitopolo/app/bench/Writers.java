// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.mobitopolo.app.cli.CliException;
import org.mobitopolo.lab.GuestProgram;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.topology.Size;

/** Programs in guests that write to memory at a rate. */
final class Writers implements AutoCloseable {
  private final List<GuestProgram.Running> running = new ArrayList<>();

  /**
   * Starts them and waits until their memory is filled.
   *
   * @param load the program, installed in all
   * @param workingSet of each; it is written to all over
   * @param dirty pages that each writes to a second, in MiB
   */
  Writers(Lab lab, GuestProgram load, List<String> nodes, Size workingSet, int dirty) throws IOException, InterruptedException, CliException {
    for (String node : nodes) {
      running.add(load.start(lab, node, "dirty", String.valueOf(Math.max(1, workingSet.toMiB())), String.valueOf(dirty)));
    }
    for (GuestProgram.Running writer : running) {
      Bench.expect(writer, "ready");
    }
  }

  @Override
  public void close() {
    running.forEach(GuestProgram.Running::close);
  }
}
