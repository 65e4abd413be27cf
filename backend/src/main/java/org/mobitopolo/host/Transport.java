// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import java.util.Optional;

/** A way to run commands on a host: processes of this computer, or channels of one SSH connection. */
interface Transport extends AutoCloseable {

  /**
   * Runs a script with the host's {@code /bin/sh}.
   *
   * @throws org.mobitopolo.task.LabException.HostUnreachable if the host takes no command any more
   */
  RemoteProcess start(String script) throws InterruptedException;

  /**
   * The IP address by which this computer reaches the host, for links between hosts; empty for this computer itself and for a host behind a
   * jump host.
   */
  Optional<String> address();

  /** Ends the connection and all that was started through it. */
  @Override
  void close();
}
