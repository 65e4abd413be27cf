// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.LongConsumer;
import org.mobitopolo.task.LabException;

/**
 * A host fetches an image piece by piece, while its VMs may read from it already ({@code mobihost fetch image}, protocols.md section 5). The host says which piece it wants next.
 * What came stays there when this ends early. Comes from {@link Agent#fetchImage}.
 */
public final class ImageFetch implements AutoCloseable {
  private static final int BUFFER = 1 << 17;

  private final BulkChannel channel;

  ImageFetch(BulkChannel channel) {
    this.channel = channel;
  }

  /**
   * Sends what the host wants until it has the whole image. Waits for that.
   *
   * @param source stays the caller's
   * @param missing hears how many bytes miss, at first when VMs may use the image, then again and again
   * @throws LabException if the host or the source does not go on, with what is the case then
   */
  public void run(PieceSource source, LongConsumer missing) throws InterruptedException {
    IOException cut = null;
    boolean whole = false;
    try (OutputStream out = new BufferedOutputStream(channel.input(), BUFFER)) {
      out.write(source.list());
      out.flush();
      source.sendTo(out);
      BufferedReader lines = new BufferedReader(new InputStreamReader(channel.output(), StandardCharsets.US_ASCII));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split(" ");
        switch (words[0]) {
          case "want" -> source.want(number(line, words));
          case "ready", "missing" -> missing.accept((long) number(line, words) * PieceSource.PIECE);
          case "whole" -> whole = true;
          default -> throw new IOException("it said \"" + Printable.line(line, 100) + "\"");
        }
      }
    } catch (IOException e) {
      cut = e;
    }
    if (!whole) {
      throw channel.failure(cut);
    }
    channel.finish();
  }

  private static int number(String line, String[] words) throws IOException {
    if (words.length == 2 && words[1].matches("[0-9]{1,8}")) {
      return Integer.parseInt(words[1]);
    }
    throw new IOException("it said \"" + Printable.line(line, 100) + "\"");
  }

  /** Ends it; the host keeps what has come. */
  @Override
  public void close() {
    channel.close();
  }
}
