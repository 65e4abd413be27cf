// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot.bundle;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;
import org.mobitopolo.task.LabException;

/**
 * Reads a state stream (protocols.md section 9) that a host's agent writes. The host may be anybody's: order, sizes and every number are
 * checked, and memory is taken for what came, never for what was announced.
 */
public final class StateReader {
  /** Console scrollback, unread bytes and frames of a VM; queues are bounded, so this is plenty. */
  private static final int MAX_DEVICES = 256 << 20;

  private static final int MAX_DIGEST = 4096;

  /** Where pages go. */
  interface Pages {
    /** Keeps the page and returns its number, or {@link PageMap#ZERO}. */
    long number(byte[] bytes, int offset);
  }

  private final InputStream in;
  private final Head head;
  private final Pages pages;
  private final LongConsumer taken;
  private final List<PageMap> regions = new ArrayList<>();
  private final List<Long> sizes = new ArrayList<>();
  private final ByteArrayOutputStream devices = new ByteArrayOutputStream();
  private final ByteArrayOutputStream frames = new ByteArrayOutputStream();
  private byte[] digest = new byte[0];
  private int type;
  private int lastRegion;
  private long bytes;

  StateReader(InputStream in, Head head, Pages pages, LongConsumer taken) {
    this.in = in;
    this.head = head;
    this.pages = pages;
    this.taken = taken;
    sizes.add(head.ramPages());
    sizes.addAll(head.diskBlocks());
    sizes.forEach(size -> regions.add(new PageMap()));
  }

  /**
   * Reads only the beginning.
   *
   * @param in the stream, decompressed
   * @throws LabException.ProtocolBroken if it is not what the protocol allows
   */
  public static Head readHead(InputStream in) throws IOException {
    try {
      return Head.parse(Json.parse(headMessage(in)));
    } catch (IllegalArgumentException e) {
      throw broken(e.getMessage(), e);
    }
  }

  private static byte[] headMessage(InputStream in) throws IOException {
    if (!Arrays.equals(in.readNBytes(StateMessage.magic().length), StateMessage.magic())) {
      throw new IllegalArgumentException("it is no state of a VM");
    }
    byte[] header = exactly(in, StateMessage.HEADER_BYTES);
    if (header[0] != StateMessage.HEAD) {
      throw new IllegalArgumentException("it does not say first whose state it is");
    }
    return exactly(in, length(header));
  }

  /** Reads all of it. */
  MachineState read() throws IOException {
    try {
      if (!Json.parse(headMessage(in)).equals(head.json())) {
        throw new IllegalArgumentException("it changed while it was read");
      }
      type = StateMessage.HEAD;
      while (type != StateMessage.END) {
        message();
      }
      if (in.read() >= 0) {
        throw new IllegalArgumentException("it goes on behind its end");
      }
      requireComplete();
      return new MachineState(
          regions.getFirst(), List.copyOf(regions.subList(1, regions.size())), devices.toByteArray(), frames.toByteArray(), digest);
    } catch (IllegalArgumentException e) {
      throw broken(e.getMessage(), e);
    }
  }

  private void message() throws IOException {
    byte[] header = exactly(in, StateMessage.HEADER_BYTES);
    int next = header[0];
    byte[] payload = exactly(in, length(header));
    boolean inOrder =
        switch (next) {
          case StateMessage.PAGES -> type == StateMessage.HEAD || type == StateMessage.PAGES;
          case StateMessage.DEVICES -> type == StateMessage.HEAD || type == StateMessage.PAGES || type == StateMessage.DEVICES;
          case StateMessage.DIGEST -> type != StateMessage.DIGEST;
          case StateMessage.END -> type == StateMessage.DIGEST && payload.length == 0;
          default -> false;
        };
    if (!inOrder) {
      throw new IllegalArgumentException("message " + next + " comes after message " + type);
    }
    type = next;
    switch (next) {
      case StateMessage.PAGES -> pages(payload);
      case StateMessage.DEVICES -> devices(payload);
      case StateMessage.DIGEST -> {
        if (payload.length > MAX_DIGEST) {
          throw new IllegalArgumentException("its checksum is too long");
        }
        digest = payload;
      }
      default -> {}
    }
  }

  private void pages(byte[] payload) {
    ByteBuffer in = ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN);
    require(payload.length >= 4);
    int region = Byte.toUnsignedInt(in.get());
    int encoding = in.get();
    int runs = Short.toUnsignedInt(in.getShort());
    require(region >= lastRegion && region < regions.size());
    require(encoding == StateMessage.ENCODING_ZERO || encoding == StateMessage.ENCODING_RAW);
    require(runs >= 1 && runs <= StateMessage.MOST_PAGES && in.remaining() >= runs * StateMessage.RUN_BYTES);
    lastRegion = region;
    int contents = in.position() + runs * StateMessage.RUN_BYTES;
    int count = 0;
    for (int run = 0; run < runs; run++) {
      long first = in.getLong();
      int pagesOfRun = in.getInt();
      require(pagesOfRun >= 1 && first >= 0 && first <= sizes.get(region) - pagesOfRun);
      require(encoding == StateMessage.ENCODING_ZERO || fits(pagesOfRun, count, payload.length - contents));
      if (encoding == StateMessage.ENCODING_ZERO) {
        regions.get(region).add(first, pagesOfRun, PageMap.ZERO);
        continue;
      }
      for (int i = 0; i < pagesOfRun; i++) {
        regions.get(region).add(first + i, pages.number(payload, contents + (count + i) * Head.PAGE));
      }
      count += pagesOfRun;
    }
    require(payload.length == contents + count * Head.PAGE);
    bytes += (long) count * Head.PAGE;
    taken.accept(bytes);
  }

  private static boolean fits(int more, int before, int contents) {
    return more <= StateMessage.MOST_PAGES - before && contents >= (before + more) * Head.PAGE;
  }

  private void devices(byte[] payload) {
    require(payload.length >= 1 && payload[0] >= StateMessage.DEVICES_JSON && payload[0] <= StateMessage.DEVICES_FRAMES);
    ByteArrayOutputStream to = payload[0] == StateMessage.DEVICES_JSON ? devices : frames;
    require(to.size() + payload.length <= MAX_DEVICES);
    to.write(payload, 1, payload.length - 1);
  }

  private void requireComplete() {
    if (regions.getFirst().pages() != head.contentPages()) {
      throw new IllegalArgumentException("it has " + regions.getFirst().pages() + " pages of RAM instead of " + head.contentPages());
    }
  }

  private static void require(boolean condition) {
    if (!condition) {
      throw new IllegalArgumentException("a message has wrong sizes");
    }
  }

  private static int length(byte[] header) {
    int length = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).getInt() >>> 8;
    if (length > StateMessage.MAX_PAYLOAD) {
      throw new IllegalArgumentException("a message is " + length + " bytes long");
    }
    return length;
  }

  private static byte[] exactly(InputStream in, int length) throws IOException {
    byte[] read = in.readNBytes(length);
    if (read.length != length) {
      throw new EOFException("the state of a VM ended before its end");
    }
    return read;
  }

  private static LabException broken(String what, Exception cause) {
    return new LabException.ProtocolBroken("The state of a VM came damaged from its host: " + what + ".", "", "Try again.", cause);
  }
}
