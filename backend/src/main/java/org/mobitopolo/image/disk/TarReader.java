// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image.disk;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads tar files: POSIX ustar and pax, and what GNU tar adds, but for sparse files. Whatever the bytes are, its memory is bounded. The usual
 * library is not: it takes the whole of a long name into memory, however long it says to be.
 */
final class TarReader {
  private static final int BLOCK = 512;
  private static final int MAX_LONG_NAME = 1 << 16;
  private static final int MAX_PAX = 1 << 20;
  private static final String ATTRIBUTE = "SCHILY.xattr.";

  private final InputStream in;
  private final byte[] header = new byte[BLOCK];
  private final Map<String, byte[]> global = new HashMap<>();
  /** Bytes of the current member that are still to come, and the zeros behind them. */
  private long left;

  private long padding;

  TarReader(InputStream in) {
    this.in = in;
  }

  /** The next member; null after the last. */
  TarEntry next() throws IOException {
    Map<String, byte[]> extended = new HashMap<>(global);
    String longPath = null;
    String longLink = null;
    while (true) {
      skipRest();
      if (!readHeader()) {
        return null;
      }
      char type = (char) (header[156] & 0xff);
      long size = number(124, 12);
      begin(size);
      switch (type) {
        case 'L' -> longPath = longName();
        case 'K' -> longLink = longName();
        case 'x' -> readPax(extended);
        case 'g' -> {
          readPax(global);
          extended.putAll(global);
        }
        default -> {
          return entry(type, size, extended, longPath, longLink);
        }
      }
    }
  }

  /** Puts the contents of the member that {@link #next} gave into the spool. */
  Contents.Range content(Contents contents) throws IOException {
    Contents.Range range = contents.add(in, left);
    left = 0;
    return range;
  }

  private TarEntry entry(char type, long size, Map<String, byte[]> extended, String longPath, String longLink) throws IOException {
    if (type == 'S' || extended.keySet().stream().anyMatch(key -> key.startsWith("GNU.sparse"))) {
      throw new BadArchiveException("it holds sparse files in GNU tar's own form; make it without --sparse");
    }
    boolean ustar = text(257, 6).equals("ustar");
    String prefix = ustar ? text(345, 155) : "";
    String path = longPath != null ? longPath : prefix.isEmpty() ? text(0, 100) : prefix + "/" + text(0, 100);
    String link = longLink != null ? longLink : text(157, 100);
    if (extended.containsKey("size")) {
      size = paxNumber(extended, "size", size);
      begin(size);
    }
    Map<String, byte[]> attributes = new TreeMap<>();
    extended.forEach(
        (key, value) -> {
          if (key.startsWith(ATTRIBUTE)) {
            attributes.put(key.substring(ATTRIBUTE.length()), value);
          }
        });
    path = paxText(extended, "path", path);
    boolean old = (type == '0' || type == 0) && path.endsWith("/");
    return new TarEntry(
        path,
        type == 0 || type == '7' ? '0' : old ? '5' : type,
        (int) (number(100, 8) & 07777),
        paxNumber(extended, "uid", number(108, 8)),
        paxNumber(extended, "gid", number(116, 8)),
        size,
        paxNumber(extended, "mtime", number(136, 12)),
        paxText(extended, "linkpath", link),
        (int) number(329, 8),
        (int) number(337, 8),
        attributes);
  }

  private void begin(long size) throws BadArchiveException {
    if (size < 0) {
      throw new BadArchiveException("it has a member of negative size");
    }
    left = size;
    padding = -size & BLOCK - 1;
  }

  private void skipRest() throws IOException {
    // read, not skipped: whoever takes the hash of the stream is to see all of it
    byte[] block = new byte[BLOCK];
    for (long rest = left + padding; rest > 0; ) {
      int count = in.read(block, 0, (int) Math.min(BLOCK, rest));
      if (count < 0) {
        throw new BadArchiveException("it is cut off");
      }
      rest -= count;
    }
    left = 0;
    padding = 0;
  }

  /** False at the end. */
  private boolean readHeader() throws IOException {
    int count = in.readNBytes(header, 0, BLOCK);
    if (count < BLOCK) {
      throw new BadArchiveException(count == 0 ? "its end is missing" : "it is cut off");
    }
    int sum = 0;
    boolean zero = true;
    for (int i = 0; i < BLOCK; i++) {
      zero &= header[i] == 0;
      sum += i >= 148 && i < 156 ? ' ' : header[i] & 0xff;
    }
    if (zero) {
      return false;
    }
    if (number(148, 8) != sum) {
      throw new BadArchiveException("it is no tar file, or damaged");
    }
    return true;
  }

  private String longName() throws IOException {
    byte[] bytes = take(MAX_LONG_NAME);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int end = text.indexOf('\0');
    return end < 0 ? text : text.substring(0, end);
  }

  private byte[] take(int most) throws IOException {
    if (left > most) {
      throw new BadArchiveException("it has a header of " + left + " bytes");
    }
    byte[] bytes = in.readNBytes((int) left);
    if (bytes.length < left) {
      throw new BadArchiveException("it is cut off");
    }
    left = 0;
    return bytes;
  }

  /** Records are {@code "<length> <key>=<value>\n"}; the length counts all of that. */
  private void readPax(Map<String, byte[]> into) throws IOException {
    byte[] bytes = take(MAX_PAX);
    int at = 0;
    while (at < bytes.length && bytes[at] != 0) {
      int space = at;
      int length = 0;
      while (space < bytes.length && bytes[space] >= '0' && bytes[space] <= '9' && length < MAX_PAX) {
        length = length * 10 + bytes[space++] - '0';
      }
      int equals = space;
      while (equals < bytes.length && bytes[equals] != '=') {
        equals++;
      }
      int end = at + length - 1;
      if (space == at || space >= bytes.length || bytes[space] != ' ' || equals >= end || end >= bytes.length || bytes[end] != '\n') {
        throw new BadArchiveException("it has a damaged pax header");
      }
      String key = new String(bytes, space + 1, equals - space - 1, StandardCharsets.UTF_8);
      into.put(key, java.util.Arrays.copyOfRange(bytes, equals + 1, end));
      at = end + 1;
    }
  }

  private static String paxText(Map<String, byte[]> extended, String key, String otherwise) {
    return extended.containsKey(key) ? new String(extended.get(key), StandardCharsets.ISO_8859_1) : otherwise;
  }

  private static long paxNumber(Map<String, byte[]> extended, String key, long otherwise) throws BadArchiveException {
    if (!extended.containsKey(key)) {
      return otherwise;
    }
    String text = paxText(extended, key, "").split("\\.", 2)[0];
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new BadArchiveException("it has a damaged pax header: " + key + " is " + FileTree.printable(text));
    }
  }

  private String text(int at, int length) {
    int end = at;
    while (end < at + length && header[end] != 0) {
      end++;
    }
    return new String(header, at, end - at, StandardCharsets.ISO_8859_1);
  }

  /** Octal digits, or with the highest bit set a number of big-endian bytes. */
  private long number(int at, int length) throws BadArchiveException {
    long value = 0;
    if ((header[at] & 0x80) != 0) {
      value = (header[at] & 0x40) != 0 ? -1 : 0;
      for (int i = Math.max(at, at + length - 8); i < at + length; i++) {
        value = value << 8 | header[i] & (i == at ? 0x7f : 0xff);
      }
      return value;
    }
    boolean begun = false;
    for (int i = at; i < at + length; i++) {
      int c = header[i];
      if (c >= '0' && c <= '7') {
        value = value << 3 | c - '0';
        begun = true;
      } else if (c == 0 || c == ' ' && begun) {
        break;
      } else if (c != ' ') {
        throw new BadArchiveException("it is no tar file, or damaged");
      }
    }
    return value;
  }
}
