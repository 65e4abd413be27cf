// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import java.io.InputStream;
import java.io.OutputStream;

/** A process that a {@link Transport} started. */
interface RemoteProcess extends AutoCloseable {

  InputStream stdout();

  OutputStream stdin();

  /** The last few kilobytes that it wrote to standard error so far. */
  String errorTail();

  /** Waits for its end; -1 if nobody knows how it ended. Its output must be read before. */
  int waitFor() throws InterruptedException;

  /** Ends it, or at least the connection to it. */
  @Override
  void close();
}
