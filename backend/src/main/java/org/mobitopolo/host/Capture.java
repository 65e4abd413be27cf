// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.function.LongConsumer;
import org.mobitopolo.task.LabException;
import org.mobitopolo.topology.HostUrl;

/** A capture that runs on a host: a pcapng stream that ends when its VM does, or leaves. */
public final class Capture implements AutoCloseable {
  private static final int BLOCK = 65536;

  private final HostUrl url;
  private final RemoteProcess process;

  Capture(HostUrl url, RemoteProcess process) {
    this.url = url;
    this.process = process;
  }

  /**
   * Copies the stream to its end. A slow receiver loses frames, which the stream counts; nothing waits for it but this.
   *
   * @param written hears how many bytes each piece had
   * @throws IOException if the receiver takes no more
   * @throws LabException if the agent refused, or the connection broke
   */
  public void copyTo(OutputStream receiver, LongConsumer written) throws IOException, InterruptedException {
    byte[] block = new byte[BLOCK];
    InputStream from = process.stdout();
    for (int count = read(from, block); count >= 0; count = read(from, block)) {
      receiver.write(block, 0, count);
      receiver.flush();
      written.accept(count);
    }
    if (process.waitFor() > 0) {
      throw new LabException.NotPossible("The capture on " + url.displayName() + " could not run. " + Printable.sentence(process.errorTail()), "", "");
    }
  }

  /** A connection that broke reads as the end; whether the VM still runs decides what that means. */
  private static int read(InputStream from, byte[] block) {
    try {
      return from.read(block);
    } catch (IOException e) {
      return -1;
    }
  }

  /** Ends it; {@link #copyTo} returns. */
  @Override
  public void close() {
    process.close();
  }
}
