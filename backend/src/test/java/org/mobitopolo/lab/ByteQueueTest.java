// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class ByteQueueTest {
  private final ByteQueue queue = new ByteQueue();

  @Test
  void bytesComeOutAsTheyWentIn() throws Exception {
    queue.put(new byte[] {1, 2, 3});
    queue.put(new byte[0]);
    queue.put(new byte[] {-1});
    queue.end();
    assertThat(queue.read()).isEqualTo(1);
    assertThat(queue.readAllBytes()).containsExactly(2, 3, -1);
    assertThat(queue.read()).isEqualTo(-1);
  }

  @Test
  void aWriterWaitsForASlowReader() throws Exception {
    queue.put(new byte[1 << 18]);
    Thread writer = Thread.ofVirtual().start(() -> queue.put(new byte[] {7}));
    Thread.sleep(50);
    assertThat(writer.isAlive()).isTrue();
    assertThat(queue.readNBytes(1 << 18)).hasSize(1 << 18);
    assertThat(queue.read()).isEqualTo(7);
    writer.join();
  }

  @Test
  void aReaderThatGivesUpLetsTheWriterGoOn() throws Exception {
    queue.put(new byte[1 << 18]);
    Thread writer = Thread.ofVirtual().start(() -> queue.put(new byte[] {7}));
    queue.close();
    writer.join();
    assertThat(queue.read()).isEqualTo(-1);
  }
}
