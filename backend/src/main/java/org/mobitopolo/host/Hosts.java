// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import java.util.List;
import java.util.function.Consumer;
import org.mobitopolo.topology.HostUrl;

/** All hosts of this program: one connection each, opened on demand, kept, and opened again when it breaks. Thread-safe. */
public final class Hosts implements AutoCloseable {

  /**
   * Opens nothing yet.
   *
   * @param parts what is uploaded to hosts
   * @param keyPolicy decides about unknown host keys
   * @param credentials asks for passphrases and passwords
   */
  public Hosts(NativeParts parts, SshSettings ssh, HostKeyPolicy keyPolicy, Credentials credentials) {
    throw new UnsupportedOperationException();
  }

  /** The host of that URL; made known if it was not. Does not connect. */
  public Host host(HostUrl url) {
    throw new UnsupportedOperationException();
  }

  /** All hosts that were asked for so far. */
  public List<Host> known() {
    throw new UnsupportedOperationException();
  }

  /** Hears of each change of any host's state, on background threads. */
  public void addListener(Consumer<HostState> listener) {
    throw new UnsupportedOperationException();
  }

  public void removeListener(Consumer<HostState> listener) {
    throw new UnsupportedOperationException();
  }

  /** Closes all connections. VMs go on running. */
  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
