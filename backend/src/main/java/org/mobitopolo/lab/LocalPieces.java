// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import com.github.luben.zstd.Zstd;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.mobitopolo.host.PieceSource;
import org.mobitopolo.image.UnpackedImage;

/** Pieces of an image that this program has. */
final class LocalPieces implements PieceSource {
  private static final int LEVEL = 3;
  private static final int MESSAGE_HEAD = 8;

  private final UnpackedImage image;
  private final Runnable done;
  private final byte[] list;
  private OutputStream target;

  /**
   * Of that image.
   *
   * @param done is run when this needs it no more
   */
  LocalPieces(UnpackedImage image, Runnable done) {
    this.image = image;
    this.done = done;
    this.list = ByteBuffer.allocate(HEAD + image.hashes().length).put(PieceSource.head(image.bytes())).put(image.hashes()).array();
  }

  @Override
  public byte[] list() {
    return list;
  }

  @Override
  public void sendTo(OutputStream out) {
    target = out;
  }

  @Override
  public void want(int piece) throws IOException {
    byte[] packed = Zstd.compress(image.piece(piece), LEVEL);
    target.write(ByteBuffer.allocate(MESSAGE_HEAD).order(ByteOrder.LITTLE_ENDIAN).putInt(piece).putInt(packed.length).array());
    target.write(packed);
    target.flush();
  }

  @Override
  public void close() {
    done.run();
  }
}
