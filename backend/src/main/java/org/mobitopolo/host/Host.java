// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import org.mobitopolo.topology.HostUrl;

/** One host. Comes from {@link Hosts#host}. Thread-safe. */
public final class Host {
  private Host() {}

  public HostUrl url() {
    throw new UnsupportedOperationException();
  }

  public HostState state() {
    throw new UnsupportedOperationException();
  }

  /** Asks for a connection and returns at once; {@link #state} tells what came of it. */
  public void connect() {
    throw new UnsupportedOperationException();
  }

  /** Tries an unreachable host again now. Returns at once. */
  public void retry() {
    throw new UnsupportedOperationException();
  }
}
