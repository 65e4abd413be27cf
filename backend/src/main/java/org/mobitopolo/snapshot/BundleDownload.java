// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.mobitopolo.task.LabException;
import org.mobitopolo.task.Task;
import org.mobitopolo.task.TaskState.Unit;

/**
 * Fetches a whole bundle into a file, from a web server that does not send parts; of one that does, {@link org.mobitopolo.snapshot.bundle.Bundle#open(URI)} fetches what is needed. When the
 * connection breaks it begins anew, a few times. Succeeded: the file is complete. Failed or cancelled: what was fetched stays, for the caller to remove.
 */
public final class BundleDownload implements Task.Work {
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(20);
  private static final int ATTEMPTS = 5;
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final int OK = 200;
  private static final int BLOCK = 1 << 16;

  private final URI uri;
  private final Path file;

  /** To be run by {@link org.mobitopolo.task.Tasks#run}, once; the file must not exist or be empty. */
  public BundleDownload(URI uri, Path file) {
    this.uri = uri;
    this.file = file;
  }

  @Override
  public void run(Task.Progress progress) throws InterruptedException {
    progress.phase("Asking " + uri.getHost() + ".");
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(CONNECT_LIMIT).followRedirects(HttpClient.Redirect.NORMAL).build()) {
      for (int attempt = 1; ; attempt++) {
        try {
          fetch(client, progress);
          return;
        } catch (IOException e) {
          if (attempt == ATTEMPTS) {
            throw failed("breaks the connection again and again (" + e.getMessage() + ")", e);
          }
          Thread.sleep(PAUSE);
        }
      }
    }
  }

  private void fetch(HttpClient client, Task.Progress progress) throws IOException, InterruptedException {
    HttpResponse<InputStream> response = client.send(HttpRequest.newBuilder(uri).GET().build(), HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream in = response.body()) {
      if (response.statusCode() != OK) {
        throw failed("answers with status " + response.statusCode(), null);
      }
      progress.phase("Downloading from " + uri.getHost() + ".");
      receive(in, response.headers().firstValueAsLong("Content-Length").orElse(0), progress);
    }
  }

  private void receive(InputStream in, long total, Task.Progress progress) throws IOException {
    long now = 0;
    try (OutputStream out = Files.newOutputStream(file)) {
      byte[] block = new byte[BLOCK];
      for (int n = in.read(block); n >= 0; n = in.read(block)) {
        out.write(block, 0, n);
        now += n;
        progress.amount(now, total, Unit.BYTES);
      }
    }
  }

  private LabException failed(String what, Exception cause) {
    return new LabException.HostUnreachable(
        "The bundle can't be downloaded: " + uri.getHost() + " " + what + ".", "Nothing was changed.", "Check the address, or download the file by other means.", cause);
  }
}
