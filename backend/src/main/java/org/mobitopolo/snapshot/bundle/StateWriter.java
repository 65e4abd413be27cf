// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot.bundle;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes a state stream as {@code mobihost put state} reads it (protocols.md section 9). */
final class StateWriter {
  private final OutputStream out;
  private final ChunkCache chunks;
  private final ByteBuffer pages = ByteBuffer.allocate(StateMessage.MOST_PAGES * Head.PAGE);
  private final ByteBuffer runs = ByteBuffer.allocate(StateMessage.MOST_PAGES * StateMessage.RUN_BYTES).order(ByteOrder.LITTLE_ENDIAN);

  StateWriter(OutputStream out, ChunkCache chunks) {
    this.out = out;
    this.chunks = chunks;
  }

  void write(Head head, MachineState state) throws IOException {
    out.write(StateMessage.magic());
    message(out, StateMessage.HEAD, Json.MAPPER.writeValueAsBytes(head.json()));
    region(0, state.ram());
    for (int disk = 0; disk < state.disks().size(); disk++) {
      region(1 + disk, state.disks().get(disk));
    }
    devices(StateMessage.DEVICES_JSON, state.devices());
    devices(StateMessage.DEVICES_FRAMES, state.frames());
    message(out, StateMessage.DIGEST, state.digest());
    message(out, StateMessage.END, new byte[0]);
  }

  private void region(int region, PageMap map) throws IOException {
    for (int run = 0; run < map.runs(); run++) {
      if (map.stored(run) == PageMap.ZERO) {
        flush(region);
        runs.putLong(map.first(run)).putInt(map.count(run));
        message(region, StateMessage.ENCODING_ZERO);
      } else {
        contents(region, map, run);
      }
    }
    flush(region);
  }

  private void contents(int region, PageMap map, int run) throws IOException {
    int done = 0;
    while (done < map.count(run)) {
      int now = Math.min(map.count(run) - done, pages.remaining() / Head.PAGE);
      runs.putLong(map.first(run) + done).putInt(now);
      for (int i = 0; i < now; i++) {
        long page = map.stored(run) + done + i;
        pages.put(chunks.chunk(page), ChunkCache.offset(page), Head.PAGE);
      }
      done += now;
      if (!pages.hasRemaining()) {
        flush(region);
      }
    }
  }

  private void flush(int region) throws IOException {
    if (runs.position() > 0) {
      message(region, StateMessage.ENCODING_RAW);
    }
  }

  private void message(int region, int encoding) throws IOException {
    int count = runs.position() / StateMessage.RUN_BYTES;
    ByteBuffer prefix = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
    prefix.put((byte) region).put((byte) encoding).putShort((short) count);
    header(out, StateMessage.PAGES, 4 + runs.position() + pages.position());
    out.write(prefix.array());
    out.write(runs.array(), 0, runs.position());
    out.write(pages.array(), 0, pages.position());
    runs.clear();
    pages.clear();
  }

  private void devices(int which, byte[] bytes) throws IOException {
    int most = StateMessage.MAX_PAYLOAD - 1;
    for (int at = 0; at < bytes.length; at += most) {
      int now = Math.min(most, bytes.length - at);
      header(out, StateMessage.DEVICES, 1 + now);
      out.write(which);
      out.write(bytes, at, now);
    }
  }

  static void message(OutputStream out, int type, byte[] payload) throws IOException {
    header(out, type, payload.length);
    out.write(payload);
  }

  private static void header(OutputStream out, int type, int length) throws IOException {
    if (length > StateMessage.MAX_PAYLOAD) {
      throw new IllegalArgumentException("a message of " + length + " bytes");
    }
    ByteBuffer header = ByteBuffer.allocate(StateMessage.HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(type | length << 8);
    out.write(header.array());
  }
}
