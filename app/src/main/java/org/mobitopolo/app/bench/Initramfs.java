// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.bench;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Programs for a Linux kernel to begin with: a cpio archive in the form "newc". */
final class Initramfs {
  private static final int PROGRAM = 0100755;
  private static final String END = "TRAILER!!!";

  private final ByteArrayOutputStream archive = new ByteArrayOutputStream();
  private int files;

  /** An executable file in the root folder. */
  void add(String name, byte[] contents) {
    entry(name, PROGRAM, contents);
  }

  byte[] archive() {
    entry(END, 0, new byte[0]);
    return archive.toByteArray();
  }

  private void entry(String name, int mode, byte[] contents) {
    int[] fields = {++files, mode, 0, 0, 1, 0, contents.length, 0, 0, 0, 0, name.length() + 1, 0};
    StringBuilder header = new StringBuilder("070701");
    for (int field : fields) {
      header.append(String.format("%08X", field));
    }
    archive.writeBytes((header + name + "\0").getBytes(StandardCharsets.US_ASCII));
    pad();
    archive.writeBytes(contents);
    pad();
  }

  private void pad() {
    while (archive.size() % 4 != 0) {
      archive.write(0);
    }
  }
}
