// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShapedPipeTest {
  @TempDir Path folder;

  @Test
  void carriesEveryByteBothWaysNoFasterThanItsRateAndDelay() throws Exception {
    byte[] sent = new byte[200_000];
    new Random(1).nextBytes(sent);
    try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(folder.resolve("to")));
      try (ShapedPipe _ = new ShapedPipe(NetworkPath.parse("8Mbit/100ms"), folder.resolve("at"), folder.resolve("to"));
          SocketChannel near = SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("at")));
          SocketChannel far = listener.accept()) {
        long begin = System.nanoTime();
        Thread.ofVirtual().start(() -> send(near, sent));
        assertThat(receive(far, sent.length)).isEqualTo(sent);
        assertThat((System.nanoTime() - begin) / 1_000_000).isGreaterThanOrEqualTo(200 + 50);
        far.write(ByteBuffer.wrap(new byte[] {42}));
        assertThat(receive(near, 1)).containsExactly(42);
      }
    }
  }

  private static void send(SocketChannel channel, byte[] bytes) {
    try {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] receive(SocketChannel channel, int size) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(size);
    while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
      // until all has come
    }
    return buffer.array();
  }
}
