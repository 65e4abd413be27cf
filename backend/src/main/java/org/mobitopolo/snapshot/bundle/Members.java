// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot.bundle;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.io.IOException;
import java.util.Arrays;

/** The contents of a bundle's members, by the places that its index tells. Thread-safe. */
record Members(Source source, Index index) {

  /** Contents of a member, checked and decompressed. */
  byte[] contents(String memberName, int limit) throws IOException {
    Index.Member member = index.members().get(memberName);
    // what can't be compressed becomes a little larger
    long mostStored = Names.compressed(memberName) ? Zstd.compressBound(limit) : limit;
    if (member.size() > mostStored || member.bytes() > limit) {
      throw new IllegalArgumentException(memberName + " is larger than it can be");
    }
    byte[] stored = source.read(member.offset(), (int) member.size());
    if (!Arrays.equals(Digests.sha256().digest(stored), member.sha256())) {
      throw new IllegalArgumentException(memberName + " does not have its checksum");
    }
    if (!Names.compressed(memberName)) {
      return stored;
    }
    byte[] contents = decompress(stored, (int) member.bytes());
    if (contents.length != member.bytes()) {
      throw new IllegalArgumentException(memberName + " has not the size that it says");
    }
    return contents;
  }

  /** One zstd frame that says its size, which the limit bounds before memory is taken. */
  static byte[] decompress(byte[] stored, int limit) {
    long size = Zstd.getFrameContentSize(stored);
    if (size < 0 || size > limit || Zstd.findFrameCompressedSize(stored) != stored.length) {
      throw new IllegalArgumentException("a compressed part of it is not in order");
    }
    try {
      return Zstd.decompress(stored, (int) size);
    } catch (ZstdException e) {
      throw new IllegalArgumentException("a compressed part of it is not in order", e);
    }
  }
}
