// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.mobitopolo.host.Agent;
import org.mobitopolo.host.BulkChannel;
import org.mobitopolo.snapshot.bundle.Bundle;
import tools.jackson.databind.node.ObjectNode;

/**
 * The states of a bundle's VMs as hosts take them: zstd frames. When each is wanted several times, for copies, it is made once and kept in a
 * temporary file. Thread-safe.
 */
final class StateSpool implements SavedLab.States {
  private static final int LEVEL = 1;
  private static final int BUFFER = 1 << 18;

  private final Bundle bundle;
  private final boolean keep;
  private final Map<Integer, Path> kept = new HashMap<>();

  StateSpool(Bundle bundle, boolean keep) {
    this.bundle = bundle;
    this.keep = keep;
  }

  /** What writes bytes. */
  @FunctionalInterface
  interface Writing {
    void to(OutputStream out) throws IOException;
  }

  /** Writes one zstd frame and leaves the stream open. */
  static void frame(OutputStream out, Writing contents) throws IOException {
    OutputStream open =
        new FilterOutputStream(out) {
          @Override
          public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
          }

          @Override
          public void close() throws IOException {
            out.flush();
          }
        };
    try (OutputStream zstd = new BufferedOutputStream(new ZstdOutputStreamNoFinalizer(open, LEVEL), BUFFER)) {
      contents.to(zstd);
    }
  }

  @Override
  public void put(int machine, ObjectNode config, Agent agent, String instance, Together together) throws InterruptedException {
    try (BulkChannel channel = together.closing(agent.openBulk("put", "state", instance))) {
      channel.send(out -> write(machine, config, out));
      channel.answer();
    }
  }

  private void write(int machine, ObjectNode config, OutputStream out) throws IOException {
    frame(out, zstd -> Bundle.writeConfig(config, zstd));
    if (keep) {
      Files.copy(spooled(machine), out);
    } else {
      frame(out, zstd -> bundle.writeState(machine, zstd));
    }
  }

  private synchronized Path spooled(int machine) throws IOException {
    Path known = kept.get(machine);
    if (known != null) {
      return known;
    }
    Path file = Files.createTempFile("mobitopolo-state-", ".zst");
    kept.put(machine, file);
    try (OutputStream out = Files.newOutputStream(file)) {
      frame(out, zstd -> bundle.writeState(machine, zstd));
    }
    return file;
  }

  @Override
  public synchronized void close() {
    for (Path file : kept.values()) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
