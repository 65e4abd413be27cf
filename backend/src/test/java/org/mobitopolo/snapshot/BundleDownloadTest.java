// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
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
  private final List<String> ranges = new ArrayList<>();
  private HttpServer server;
  private boolean breaks;
  private boolean changes;

  @BeforeEach
  void start() throws IOException {
    new Random(1).nextBytes(contents);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/lab.mobitopolo", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private synchronized void answer(HttpExchange exchange) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    String tag = changes ? "\"v" + ranges.size() + "\"" : "\"v1\"";
    boolean same = tag.equals(exchange.getRequestHeaders().getFirst("If-Range"));
    ranges.add(String.valueOf(range));
    int begin = range != null && same ? Integer.parseInt(range.replaceAll("\\D", "")) : 0;
    exchange.getResponseHeaders().set("ETag", tag);
    exchange.sendResponseHeaders(begin > 0 ? 206 : 200, contents.length - begin);
    int most = breaks && ranges.size() < 4 ? BREAK_AFTER : contents.length;
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(contents, begin, Math.min(most, contents.length - begin));
    } catch (IOException e) {
      // closing what is not complete breaks the connection, as it shall
    } finally {
      exchange.close();
    }
  }

  private Path download(String path) throws InterruptedException {
    Path file = folder.resolve("fetched");
    URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    new Tasks().run("Download", new BundleDownload(uri, file)).awaitSuccess();
    return file;
  }

  @Test
  void aFileIsFetched() throws Exception {
    assertThat(Files.readAllBytes(download("/lab.mobitopolo"))).isEqualTo(contents);
    assertThat(ranges).containsExactly("null");
  }

  @Test
  void aBrokenConnectionIsTakenUpWhereItBroke() throws Exception {
    breaks = true;
    assertThat(Files.readAllBytes(download("/lab.mobitopolo"))).isEqualTo(contents);
    assertThat(ranges).hasSize(4).contains("bytes=" + BREAK_AFTER + "-");
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
