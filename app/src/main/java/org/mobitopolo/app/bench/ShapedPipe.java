// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.bench;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/** The emulated network between two programs that talk over a socket: each way has a rate and a delay, and holds no more than is on its way then. */
final class ShapedPipe implements AutoCloseable {
  private static final int CHUNK = 8192;

  /** Bytes, and when they come out. */
  private record Chunk(ByteBuffer bytes, long dueNanos) {}

  private final NetworkPath network;
  private final Path to;
  private final ServerSocketChannel listener;
  private volatile SocketChannel from;
  private volatile SocketChannel peer;

  /**
   * Waits for one connection.
   *
   * @param at the socket to connect to
   * @param to the socket that is connected then
   */
  ShapedPipe(NetworkPath network, Path at, Path to) throws IOException {
    this.network = network;
    this.to = to;
    listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(at));
    start(this::carry);
  }

  private static void start(Runnable work) {
    Thread.ofPlatform().daemon().name("shaped pipe").start(work);
  }

  private void carry() {
    try {
      from = listener.accept();
      peer = SocketChannel.open(UnixDomainSocketAddress.of(to));
      way(from, peer);
      way(peer, from);
    } catch (IOException e) {
      close();
    }
  }

  private void way(SocketChannel in, SocketChannel out) {
    long bytesOnTheWay = network.rate().isUnlimited() ? 64L << 20 : network.rate().bitsPerSecond() / 8 * network.oneWay().toMillis() / 1000;
    BlockingQueue<Chunk> queue = new ArrayBlockingQueue<>((int) Math.max(8, 2 * bytesOnTheWay / CHUNK));
    start(() -> take(in, queue));
    start(() -> give(queue, out));
  }

  private void take(SocketChannel in, BlockingQueue<Chunk> queue) {
    long free = System.nanoTime();
    try {
      for (ByteBuffer bytes = ByteBuffer.allocate(CHUNK); in.read(bytes) >= 0; bytes = ByteBuffer.allocate(CHUNK)) {
        bytes.flip();
        free = Math.max(free, System.nanoTime());
        if (!network.rate().isUnlimited()) {
          free += bytes.remaining() * 8_000_000_000L / network.rate().bitsPerSecond();
        }
        sleepUntil(free);
        queue.put(new Chunk(bytes, free + network.oneWay().toNanos()));
      }
      queue.put(new Chunk(null, System.nanoTime() + network.oneWay().toNanos()));
    } catch (IOException e) {
      close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void give(BlockingQueue<Chunk> queue, SocketChannel out) {
    try {
      for (Chunk chunk = queue.take(); chunk.bytes() != null; chunk = queue.take()) {
        sleepUntil(chunk.dueNanos());
        while (chunk.bytes().hasRemaining()) {
          out.write(chunk.bytes());
        }
      }
      out.shutdownOutput();
    } catch (IOException e) {
      close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void sleepUntil(long nanos) throws InterruptedException {
    long left = nanos - System.nanoTime();
    if (left > 0) {
      Thread.sleep(left / 1_000_000, (int) (left % 1_000_000));
    }
  }

  @Override
  public void close() {
    for (AutoCloseable each : new AutoCloseable[] {listener, from, peer}) {
      try {
        if (each != null) {
          each.close();
        }
      } catch (Exception e) {
        // it is gone either way
      }
    }
  }
}
