// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import org.mobitopolo.image.disk.BadArchiveException;

/** Unpacks what is packed with gzip or zstd, whatever its name says. */
final class Unpacking {
  private static final int BUFFER = 1 << 16;

  private Unpacking() {}

  /** The bytes in it, or the bytes themselves when they are not packed. */
  static InputStream of(InputStream packed) throws IOException {
    BufferedInputStream in = new BufferedInputStream(packed, BUFFER);
    in.mark(BUFFER);
    byte[] head = in.readNBytes(6);
    in.reset();
    if (begins(head, 0x1f, 0x8b)) {
      return new BufferedInputStream(new GZIPInputStream(in, BUFFER), BUFFER);
    }
    if (begins(head, 0x28, 0xb5, 0x2f, 0xfd)) {
      return new BufferedInputStream(new ZstdInputStream(in), BUFFER);
    }
    if (begins(head, 0xfd, '7', 'z', 'X', 'Z', 0)) {
      throw new BadArchiveException("it is packed with xz; unpack it first, with xz -d");
    }
    if (begins(head, 'B', 'Z', 'h')) {
      throw new BadArchiveException("it is packed with bzip2; unpack it first, with bzip2 -d");
    }
    return in;
  }

  private static boolean begins(byte[] head, int... with) {
    if (head.length < with.length) {
      return false;
    }
    for (int i = 0; i < with.length; i++) {
      if ((head[i] & 0xff) != with[i]) {
        return false;
      }
    }
    return true;
  }
}
