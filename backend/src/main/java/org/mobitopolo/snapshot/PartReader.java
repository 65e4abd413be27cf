// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.mobitopolo.host.BulkChannel;
import org.mobitopolo.snapshot.bundle.Head;
import org.mobitopolo.snapshot.bundle.StateReader;
import org.mobitopolo.task.LabException;

/** Reads parts of snapshots from their hosts, each on a channel of its own. */
final class PartReader {
  private static final int BUFFER = 1 << 18;

  private final Together together;
  private final String snapshot;

  PartReader(Together together, String snapshot) {
    this.together = together;
    this.snapshot = snapshot;
  }

  /** What reads a part. */
  @FunctionalInterface
  interface Reading<T> {
    T read(InputStream stream) throws IOException;
  }

  /** Only what the part begins with. */
  Head head(Part part) throws InterruptedException {
    try (BulkChannel channel = open(part)) {
      Head head = read(part, channel, StateReader::readHead);
      if (!head.json().path("node").asString("").equals(part.node())) {
        throw new LabException.ProtocolBroken(
            part.agent().url().displayName() + " sent the state of another VM than " + part.name() + ".", "", "Take the snapshot again.", null);
      }
      return head;
    }
  }

  /** All of a part. */
  <T> T whole(Part part, Reading<T> reading) throws InterruptedException {
    try (BulkChannel channel = open(part)) {
      T result = read(part, channel, reading);
      channel.finish();
      return result;
    }
  }

  private BulkChannel open(Part part) throws InterruptedException {
    return together.closing(part.agent().openBulk("get", "snapshot", snapshot, part.instance()));
  }

  private static <T> T read(Part part, BulkChannel channel, Reading<T> reading) {
    // the channel itself is still needed for what the host says in the end
    InputStream open =
        new FilterInputStream(channel.output()) {
          @Override
          public void close() {}
        };
    try (InputStream stream = new ZstdInputStreamNoFinalizer(new BufferedInputStream(open, BUFFER))) {
      return reading.read(new BufferedInputStream(stream, BUFFER));
    } catch (IOException e) {
      throw channel.failure(e);
    } catch (LabException.ProtocolBroken e) {
      throw new LabException.ProtocolBroken(part.agent().url().displayName() + ", " + part.name() + ": " + e.problem(), "", e.advice(), e);
    }
  }
}
