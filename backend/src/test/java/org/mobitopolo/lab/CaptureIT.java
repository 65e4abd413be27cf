// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mobitopolo.fixture.NativeFiles;
import org.mobitopolo.fixture.SshHosts;
import org.mobitopolo.fixture.TestLabs;
import org.mobitopolo.host.Credentials;
import org.mobitopolo.host.HostKeyPolicy;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.task.LabException;
import org.mobitopolo.task.Task;
import org.mobitopolo.task.Tasks;

/** Captures of VMs on real SSH hosts, read back. */
@Timeout(120)
class CaptureIT {
  private static final int SECTION = 0x0a0d0d0a;
  private static final int PACKET = 6;

  private static SshHosts ssh;

  private Hosts hosts;
  private Lab lab;

  @BeforeAll
  static void startHosts() throws Exception {
    ssh = SshHosts.start(2);
  }

  @AfterAll
  static void stopHosts() {
    ssh.close();
  }

  @BeforeEach
  void open() throws Exception {
    hosts = new Hosts(NativeFiles.parts(), ssh.settings(), HostKeyPolicy.ACCEPT_NEW, Credentials.NONE);
    lab = Lab.open(TestLabs.pair(ssh.url(0), ssh.url(1)), hosts, new Tasks());
    lab.start(List.of("left", "right")).awaitSuccess();
    lab.settle().awaitSuccess();
  }

  @AfterEach
  void destroy() throws Exception {
    lab.destroy().awaitSuccess();
    lab.close();
    hosts.close();
  }

  private void ping(int size) throws Exception {
    try (ExecStream ping = lab.exec("left", ExecRequest.shell("ping -q -c 3 -i 0.2 -W 5 -s " + size + " 10.0.0.2"))) {
      ping.stdin().close();
      assertThat(ping.exit().join()).isEqualTo(new ExecStream.Exit.Status(0));
    }
  }

  /** Bytes that whoever waits for them can look at. */
  private static final class Received extends OutputStream {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override
    public synchronized void write(int b) {
      bytes.write(b);
    }

    @Override
    public synchronized void write(byte[] block, int offset, int length) {
      bytes.write(block, offset, length);
    }

    synchronized byte[] toByteArray() {
      return bytes.toByteArray();
    }
  }

  /** Sizes of the packets in a stream whose blocks are whole; one section only. */
  private static List<Integer> packets(byte[] stream) {
    ByteBuffer buffer = ByteBuffer.wrap(stream).order(ByteOrder.LITTLE_ENDIAN);
    List<Integer> sizes = new ArrayList<>();
    int sections = 0;
    while (buffer.hasRemaining()) {
      int begin = buffer.position();
      int kind = buffer.getInt(begin);
      int size = buffer.getInt(begin + 4);
      assertThat(buffer.getInt(begin + size - 4)).isEqualTo(size);
      if (kind == PACKET) {
        sizes.add(buffer.getInt(begin + 24));
      } else if (kind == SECTION) {
        sections++;
      }
      buffer.position(begin + size);
    }
    assertThat(sections).isEqualTo(1);
    return sizes;
  }

  private static void await(Received received, int size, int wanted) throws InterruptedException {
    while (packetsSoFar(received, size) < wanted) {
      Thread.sleep(50);
    }
  }

  private static long packetsSoFar(Received received, int size) {
    try {
      return packets(received.toByteArray()).stream().filter(each -> each == size).count();
    } catch (IndexOutOfBoundsException | AssertionError e) {
      return 0; // cut in the middle of a block, or not begun
    }
  }

  @Test
  void aCaptureGoesOnThroughAMigrationAndEndsWhenItIsCancelled() throws Exception {
    Received received = new Received();
    Task capture = lab.capture("left", "eth0", received);
    while (received.toByteArray().length == 0) {
      Thread.sleep(20);
    }
    ping(1000);
    await(received, 1042, 6);
    lab.migrate("left", "florida").awaitSuccess();
    AtomicInteger again = new AtomicInteger();
    while (packetsSoFar(received, 1142) < 6) {
      assertThat(again.incrementAndGet()).isLessThan(20);
      ping(1100);
      Thread.sleep(300);
    }
    capture.cancel();
    capture.awaitSuccess();
  }

  @Test
  void aCaptureEndsWithItsVmAndWhatCannotBeIsRefused() throws Exception {
    Received received = new Received();
    Task capture = lab.capture("right", "eth0", received);
    while (received.toByteArray().length == 0) {
      Thread.sleep(20);
    }
    ping(1000);
    await(received, 1042, 6);
    lab.stop(List.of("right"), 0).awaitSuccess();
    capture.awaitSuccess();
    assertThat(packets(received.toByteArray())).contains(1042);
    assertThatThrownBy(() -> lab.capture("right", "eth1", received)).isInstanceOf(LabException.class).hasMessageContaining("no interface").hasMessageContaining("eth0");
    assertThatThrownBy(() -> lab.capture("right", "eth0", received).awaitSuccess()).isInstanceOf(LabException.class).hasMessageContaining("does not run");
  }

  @Test
  void aReceiverThatWantsNoMoreEndsTheCaptureAndOneThatFailsIsTold() throws Exception {
    lab.capture("left", "eth0", failing(new EOFException("enough"))).awaitSuccess();
    Task failed = lab.capture("left", "eth0", failing(new IOException("No space left on device")));
    assertThatThrownBy(failed::awaitSuccess).isInstanceOf(LabException.class).hasMessageContaining("No space left on device");
  }

  private static OutputStream failing(IOException failure) {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        throw failure;
      }
    };
  }
}
