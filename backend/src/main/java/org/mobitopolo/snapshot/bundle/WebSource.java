// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot.bundle;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file on a web server of which only what is needed is fetched, with range requests. What was fetched once is kept in a temporary file, as VMs share pages.
 * A request that fails is made again a few times. All answers must be of one version of the file (entity tag, size). Thread-safe.
 */
final class WebSource implements Source {
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(20);
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(60);
  private static final int ATTEMPTS = 5;
  private static final long PAUSE_MS = 500;
  private static final int PARTIAL = 206;
  private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18})");

  private final URI uri;
  private final HttpClient client;
  private final Path file;
  private final FileChannel kept;
  private final Map<Long, Integer> lengths = new ConcurrentHashMap<>();
  private final String tag;
  private final long size;

  /** The server, or what lies between, does not answer range requests. */
  static final class NoRanges extends IOException {
    private static final long serialVersionUID = 1;

    NoRanges(String server) {
      super(server + " does not answer requests for parts of a file");
    }
  }

  private record Answer(byte[] bytes, long total, String tag) {}

  /**
   * Fetches the end of the file.
   *
   * @param last how many bytes of it
   * @throws NoRanges if the server sends whole files only
   */
  WebSource(URI uri, int last) throws IOException {
    this.uri = uri;
    this.client = HttpClient.newBuilder().connectTimeout(CONNECT_LIMIT).followRedirects(HttpClient.Redirect.NORMAL).build();
    this.file = Files.createTempFile("mobitopolo-", ".part");
    this.kept = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
    try {
      Answer end = fetch("bytes=-" + last, last, Optional.empty());
      this.tag = end.tag();
      this.size = end.total();
      keep(size - end.bytes().length, end.bytes());
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public byte[] read(long offset, int length) throws IOException {
    if (length == 0) {
      return new byte[0];
    }
    if (offset < 0 || length < 0 || length > size - offset) {
      throw new EOFException("the file has no " + length + " bytes at byte " + offset);
    }
    if (lengths.getOrDefault(offset, 0) >= length) {
      return kept(offset, length);
    }
    Answer answer = fetch("bytes=" + offset + "-" + (offset + length - 1), length, Optional.of(tag));
    if (answer.total() != size || answer.bytes().length != length) {
      throw changed();
    }
    keep(offset, answer.bytes());
    return answer.bytes();
  }

  private byte[] kept(long offset, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining()) {
      if (kept.read(bytes, offset + bytes.position()) < 0) {
        throw new EOFException("what was fetched is gone");
      }
    }
    return bytes.array();
  }

  private void keep(long offset, byte[] contents) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(contents);
    while (bytes.hasRemaining()) {
      kept.write(bytes, offset + bytes.position());
    }
    lengths.put(offset, contents.length);
  }

  /** Asks again when the connection breaks; what a server says does not change by asking. */
  private Answer fetch(String range, int most, Optional<String> sameAs) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        return ask(range, most, sameAs);
      } catch (NoRanges | Refused e) {
        throw e;
      } catch (IOException e) {
        if (attempt == ATTEMPTS) {
          throw new IOException(uri.getHost() + " breaks the connection again and again (" + e.getMessage() + ")", e);
        }
        pause();
      }
    }
  }

  /** An answer that is final. */
  private static final class Refused extends IOException {
    private static final long serialVersionUID = 1;

    Refused(String what) {
      super(what);
    }
  }

  private Refused changed() {
    return new Refused("the file on " + uri.getHost() + " changed while it was read");
  }

  private Answer ask(String range, int most, Optional<String> sameAs) throws IOException {
    HttpRequest request = HttpRequest.newBuilder(uri).timeout(ANSWER_LIMIT).header("Range", range).GET().build();
    HttpResponse<InputStream> response = send(request);
    try (InputStream body = response.body()) {
      if (response.statusCode() == 200) {
        throw new NoRanges(uri.getHost());
      }
      if (response.statusCode() != PARTIAL) {
        throw new Refused(uri.getHost() + " answers with status " + response.statusCode());
      }
      String newTag = response.headers().firstValue("ETag").orElse("");
      Matcher place = CONTENT_RANGE.matcher(response.headers().firstValue("Content-Range").orElse(""));
      if (!place.matches()) {
        throw new NoRanges(uri.getHost());
      }
      if (sameAs.isPresent() && !sameAs.get().equals(newTag)) {
        throw changed();
      }
      long length = Long.parseLong(place.group(2)) - Long.parseLong(place.group(1)) + 1;
      if (length < 1 || length > most) {
        throw new Refused(uri.getHost() + " sends another part of the file than it was asked for");
      }
      byte[] bytes = body.readNBytes((int) length);
      if (bytes.length != length) {
        throw new EOFException("an answer ended early");
      }
      return new Answer(bytes, Long.parseLong(place.group(3)), newTag);
    }
  }

  private HttpResponse<InputStream> send(HttpRequest request) throws IOException {
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refused("it was cancelled");
    }
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(PAUSE_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refused("it was cancelled");
    }
  }

  @Override
  public void close() throws IOException {
    client.shutdownNow();
    kept.close();
  }
}
