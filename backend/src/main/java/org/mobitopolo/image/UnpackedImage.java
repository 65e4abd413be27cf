// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * An image unpacked into a temporary file, to be read at any place, and the hashes of its pieces. Blocks of zeros take no space. Thread-safe; the file goes with
 * {@link #close}.
 */
public final class UnpackedImage implements AutoCloseable {
  private final FileChannel file;
  private final long bytes;
  private final int piece;
  private final byte[] hashes;

  private UnpackedImage(FileChannel file, long bytes, int piece, byte[] hashes) {
    this.file = file;
    this.bytes = bytes;
    this.piece = piece;
    this.hashes = hashes;
  }

  /**
   * Unpacks an image and checks that it is what its name says. Interrupting the thread ends it.
   *
   * @param piece bytes of a piece
   * @throws org.mobitopolo.task.LabException.FilesUnusable if the image is damaged
   * @throws IOException if it can't be read, or there is no room for it
   */
  public static UnpackedImage of(Image image, int piece) throws IOException, InterruptedException {
    Path path = Files.createTempFile("mobitopolo-image-", "");
    FileChannel file =
        FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.SPARSE, StandardOpenOption.DELETE_ON_CLOSE);
    boolean done = false;
    try (InputStream in = new ZstdInputStream(Files.newInputStream(image.compressed()))) {
      MessageDigest whole = ImageStore.sha256();
      MessageDigest each = ImageStore.sha256();
      ByteArrayOutputStream hashes = new ByteArrayOutputStream();
      byte[] zeros = new byte[piece];
      long at = 0;
      for (byte[] next = in.readNBytes(piece); next.length > 0; next = in.readNBytes(piece)) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        whole.update(next);
        hashes.write(each.digest(next));
        if (!Arrays.equals(next, zeros)) {
          write(file, ByteBuffer.wrap(next), at);
        }
        at += next.length;
      }
      if (!HexFormat.of().formatHex(whole.digest()).equals(image.sha256())) {
        throw ImageStore.damaged(image, null);
      }
      done = true;
      return new UnpackedImage(file, at, piece, hashes.toByteArray());
    } catch (ZstdIOException e) {
      throw ImageStore.damaged(image, e);
    } finally {
      if (!done) {
        file.close();
      }
    }
  }

  private static void write(FileChannel file, ByteBuffer data, long at) throws IOException {
    for (long to = at; data.hasRemaining(); ) {
      to += file.write(data, to);
    }
  }

  /** Bytes of the image. */
  public long bytes() {
    return bytes;
  }

  /** SHA-256 of each piece, one after the other. */
  public byte[] hashes() {
    return hashes;
  }

  /** A piece's bytes; the last one may be shorter than the others. */
  public byte[] piece(int number) throws IOException {
    long at = (long) number * piece;
    if (number < 0 || at >= bytes) {
      throw new IOException("the image has no piece " + number);
    }
    ByteBuffer data = ByteBuffer.allocate((int) Math.min(piece, bytes - at));
    while (data.hasRemaining()) {
      // behind what was written is a hole
      if (file.read(data, at + data.position()) < 0) {
        break;
      }
    }
    return data.array();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
