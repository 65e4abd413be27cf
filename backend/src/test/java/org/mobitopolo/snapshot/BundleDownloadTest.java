// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
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
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mobitopolo.task.LabException;
import org.mobitopolo.task.Tasks;

/** Downloads from a web server of the test that breaks off. */
@Timeout(60)
class BundleDownloadTest {
  private static final int BREAK_AFTER = 300_000;

  @TempDir Path folder;

  private final byte[] contents = new byte[1_000_000];
  private final List<String> ranges = new CopyOnWriteArrayList<>();
  private ServerSocket server;
  private volatile boolean breaks;
  private volatile boolean changes;

  @BeforeEach
  void start() throws IOException {
    new Random(1).nextBytes(contents);
    server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
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
    Map<String, String> headers = new HashMap<>();
    for (String line = in.readLine(); !line.isEmpty(); line = in.readLine()) {
      headers.put(line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT), line.substring(line.indexOf(':') + 1).strip());
    }
    OutputStream out = client.getOutputStream();
    if (!path.equals("/lab.mobitopolo")) {
      out.write("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      return;
    }
    String range = headers.getOrDefault("range", "");
    String tag = changes ? "\"v" + ranges.size() + "\"" : "\"v1\"";
    ranges.add(range);
    int begin = !range.isEmpty() && tag.equals(headers.get("if-range")) ? Integer.parseInt(range.replaceAll("\\D", "")) : 0;
    String status = begin > 0 ? "206 Partial Content" : "200 OK";
    out.write(("HTTP/1.1 " + status + "\r\nETag: " + tag + "\r\nConnection: close\r\nContent-Length: " + (contents.length - begin) + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
    int most = breaks && ranges.size() < 4 ? BREAK_AFTER : contents.length;
    out.write(contents, begin, Math.min(most, contents.length - begin));
  }

  private Path download(String path) throws InterruptedException {
    Path file = folder.resolve("fetched");
    URI uri = URI.create("http://127.0.0.1:" + server.getLocalPort() + path);
    new Tasks().run("Download", new BundleDownload(uri, file)).awaitSuccess();
    return file;
  }

  @Test
  void aFileIsFetched() throws Exception {
    assertThat(Files.readAllBytes(download("/lab.mobitopolo"))).isEqualTo(contents);
    assertThat(ranges).containsExactly("");
  }

  @Test
  void aBrokenConnectionIsTakenUpWhereItBroke() throws Exception {
    breaks = true;
    assertThat(Files.readAllBytes(download("/lab.mobitopolo"))).isEqualTo(contents);
    assertThat(ranges).hasSize(4).startsWith("");
    List<Integer> begins = ranges.stream().skip(1).map(range -> Integer.parseInt(range.replaceAll("\\D", ""))).toList();
    assertThat(begins).isSorted().allMatch(begin -> begin > 0 && begin < contents.length);
  }

  @Test
  void aFileThatChangedMeanwhileIsFetchedAnew() throws Exception {
    breaks = true;
    changes = true;
    assertThat(Files.readAllBytes(download("/lab.mobitopolo"))).isEqualTo(contents);
  }

  @Test
  void aFileThatIsNotThereIsTold() {
    assertThatThrownBy(() -> download("/other"))
        .isInstanceOf(LabException.HostUnreachable.class)
        .hasMessageContaining("127.0.0.1 answers with status 404")
        .hasMessageContaining("Nothing was changed");
  }
}
