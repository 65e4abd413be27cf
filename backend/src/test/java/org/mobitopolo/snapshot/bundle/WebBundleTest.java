// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mobitopolo.task.LabException;

/** Bundles that are read from a web server of the test, part by part. */
@Timeout(120)
class WebBundleTest {
  private static final Pattern RANGE = Pattern.compile("(?i)range: bytes=(\\d*)-(\\d*)");

  @TempDir Path folder;

  private final List<Integer> sent = new CopyOnWriteArrayList<>();
  private final SampleBundle sample = new SampleBundle(7, 6000);
  private byte[] contents;
  private ServerSocket server;
  private volatile boolean ranges = true;
  private volatile boolean changes;
  private volatile int breaks;

  @BeforeEach
  void start() throws IOException {
    Path file = folder.resolve("lab.mobitopolo");
    sample.write(file);
    contents = Files.readAllBytes(file);
    server = new ServerSocket(0, 20, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::serve);
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private void serve() {
    while (!server.isClosed()) {
      try (Socket client = server.accept()) {
        answer(client);
      } catch (IOException e) {
        // the test has ended, or the client gave up
      }
    }
  }

  /** One request a connection. */
  private void answer(Socket client) throws IOException {
    BufferedReader in = new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
    String path = in.readLine().split(" ")[1];
    int begin = 0;
    int end = contents.length;
    boolean part = false;
    for (String line = in.readLine(); !line.isEmpty(); line = in.readLine()) {
      Matcher range = RANGE.matcher(line);
      if (ranges && range.matches()) {
        part = true;
        begin = range.group(1).isEmpty() ? Math.max(0, end - Integer.parseInt(range.group(2))) : Integer.parseInt(range.group(1));
        end = range.group(1).isEmpty() ? end : Math.min(end, Integer.parseInt(range.group(2)) + 1);
      }
    }
    String status = !path.equals("/lab.mobitopolo") ? "404 No" : part ? "206 Partial Content" : "200 OK";
    String head = "HTTP/1.1 " + status + "\r\nConnection: close\r\nETag: \"v" + (changes ? sent.size() : 1) + "\"\r\nContent-Length: " + (end - begin);
    head += part ? "\r\nContent-Range: bytes " + begin + "-" + (end - 1) + "/" + contents.length : "";
    int now = breaks-- > 0 ? (end - begin) / 2 : end - begin;
    sent.add(now);
    OutputStream out = client.getOutputStream();
    out.write((head + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
    out.write(contents, begin, now);
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.getLocalPort() + path);
  }

  private Bundle open() {
    return Bundle.open(uri("/lab.mobitopolo")).orElseThrow();
  }

  private long fetched() {
    return sent.stream().mapToLong(Integer::longValue).sum();
  }

  private static byte[] state(Bundle bundle, int machine) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    bundle.writeState(machine, out);
    return out.toByteArray();
  }

  private void assertSameStates(Bundle web) throws IOException {
    try (Bundle local = Bundle.open(folder.resolve("lab.mobitopolo"))) {
      assertThat(web.manifest()).isEqualTo(local.manifest());
      for (int machine = 0; machine < sample.vms.size(); machine++) {
        assertThat(state(web, machine)).isEqualTo(state(local, machine));
      }
    }
  }

  @Test
  void threeRequestsShowWhatItHoldsAndTheRestComesWhenItIsNeeded() throws Exception {
    try (Bundle bundle = open()) {
      assertThat(bundle.manifest()).isEqualTo(sample.manifest());
      assertThat(sent).hasSize(3);
      assertThat(fetched()).isLessThan(contents.length / 20);
      bundle.checkMaps();
      long before = fetched();
      state(bundle, 0);
      assertThat(fetched()).isGreaterThan(before).isLessThan(contents.length);
      assertSameStates(bundle);
      // what VMs share is fetched once
      assertThat(fetched()).isLessThanOrEqualTo(contents.length);
    }
  }

  @Test
  void aBrokenConnectionIsTakenUp() throws Exception {
    try (Bundle bundle = open()) {
      breaks = 3;
      assertSameStates(bundle);
    }
  }

  @Test
  void aServerWithoutRangesIsToldApart() {
    ranges = false;
    assertThat(Bundle.open(uri("/lab.mobitopolo"))).isEmpty();
  }

  @Test
  void aFileThatChangesMeanwhileIsRefused() {
    changes = true;
    assertThatThrownBy(this::open).isInstanceOf(LabException.FilesUnusable.class).hasMessageContaining("changed while it was read");
  }

  @Test
  void aFileThatIsNotThereIsTold() {
    assertThatThrownBy(() -> Bundle.open(uri("/other")))
        .isInstanceOf(LabException.FilesUnusable.class)
        .hasMessageContaining("127.0.0.1 answers with status 404")
        .hasMessageContaining("Nothing was changed");
  }

  @Test
  void aDamagedPageIsFoundBeforeItIsUsed() throws Exception {
    contents[contents.length / 2] ^= 1;
    try (Bundle bundle = open()) {
      assertThatThrownBy(
              () -> {
                for (int machine = 0; machine < sample.vms.size(); machine++) {
                  state(bundle, machine);
                }
              })
          .isInstanceOf(LabException.FilesUnusable.class)
          .hasMessageContaining("does not have its checksum");
    }
  }

  @Test
  void whatIsNoBundleIsTold() {
    contents = new byte[5000];
    assertThatThrownBy(this::open).isInstanceOf(LabException.FilesUnusable.class).hasMessageContaining("is not a bundle");
  }
}
