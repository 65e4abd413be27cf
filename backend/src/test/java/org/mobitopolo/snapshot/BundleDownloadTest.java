// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mobitopolo.fixture.WebServer;
import org.mobitopolo.task.LabException;
import org.mobitopolo.task.Tasks;

/** Downloads from a web server that sends whole files only. */
@Timeout(60)
class BundleDownloadTest {
  @TempDir private Path folder;

  private final byte[] contents = new byte[1_000_000];
  private WebServer server;

  @BeforeEach
  void start() throws IOException {
    new Random(1).nextBytes(contents);
    server = new WebServer(contents);
    server.sendsNoParts();
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private byte[] download(URI uri) throws IOException, InterruptedException {
    Path file = folder.resolve("fetched");
    new Tasks().run("Download", new BundleDownload(uri, file)).awaitSuccess();
    return Files.readAllBytes(file);
  }

  @Test
  void aFileIsFetched() throws Exception {
    assertThat(download(server.file())).isEqualTo(contents);
    assertThat(server.sent()).containsExactly(contents.length);
  }

  @Test
  void afterABrokenConnectionItIsFetchedAnew() throws Exception {
    server.breaks(2);
    server.changes();
    assertThat(download(server.file())).isEqualTo(contents);
    assertThat(server.sent()).hasSize(3);
  }

  @Test
  void aServerThatBreaksAgainAndAgainIsTold() {
    server.breaks(100);
    assertThatThrownBy(() -> download(server.file())).isInstanceOf(LabException.HostUnreachable.class).hasMessageContaining("again and again");
  }

  @Test
  void aFileThatIsNotThereIsTold() {
    assertThatThrownBy(() -> download(server.at("/other")))
        .isInstanceOf(LabException.HostUnreachable.class)
        .hasMessageContaining("127.0.0.1 answers with status 404")
        .hasMessageContaining("Nothing was changed");
  }
}
