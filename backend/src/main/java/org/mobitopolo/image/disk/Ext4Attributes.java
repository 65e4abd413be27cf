// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image.disk;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Writes extended attributes: entries from the beginning on, values from the end on. */
final class Ext4Attributes {
  private static final int MAGIC = 0xea020000;
  private static final int ENTRY = 16;
  private static final int BLOCK_HEADER = 32;

  private record Attribute(int index, byte[] name, byte[] value) {
    int entrySize() {
      return ENTRY + name.length + 3 & ~3;
    }

    int valueSize() {
      return value.length + 3 & ~3;
    }

    int hash() {
      int hash = 0;
      for (byte c : name) {
        hash = Integer.rotateLeft(hash, 5) ^ c & 0xff;
      }
      ByteBuffer words = ByteBuffer.wrap(Arrays.copyOf(value, valueSize())).order(ByteOrder.LITTLE_ENDIAN);
      while (words.hasRemaining()) {
        hash = Integer.rotateLeft(hash, 16) ^ words.getInt();
      }
      return hash;
    }
  }

  private Ext4Attributes() {}

  /** What stands behind an inode, if there is room for it. */
  static byte[] inInode(Map<String, byte[]> attributes) {
    List<Attribute> list = list(attributes);
    int size = 4 + list.stream().mapToInt(attribute -> attribute.entrySize() + attribute.valueSize()).sum() + 4;
    ByteBuffer bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(0, MAGIC);
    put(bytes, 4, 4, list);
    return bytes.array();
  }

  /** A block of its own. */
  static ByteBuffer inBlock(Map<String, byte[]> attributes) {
    List<Attribute> list = list(attributes);
    ByteBuffer bytes = Ext4Output.blocks(1);
    int hash = 0;
    for (Attribute attribute : list) {
      hash = Integer.rotateLeft(hash, 16) ^ attribute.hash();
    }
    bytes.putInt(0, MAGIC).putInt(4, 1).putInt(8, 1).putInt(12, hash);
    put(bytes, BLOCK_HEADER, 0, list);
    return bytes;
  }

  private static void put(ByteBuffer bytes, int first, int offsetsFrom, List<Attribute> list) {
    int at = first;
    int values = bytes.capacity();
    for (Attribute attribute : list) {
      values -= attribute.valueSize();
      bytes.put(values, attribute.value());
      bytes.put(at, (byte) attribute.name().length).put(at + 1, (byte) attribute.index());
      bytes.putShort(at + 2, (short) (attribute.value().length == 0 ? 0 : values - offsetsFrom));
      bytes.putInt(at + 8, attribute.value().length).putInt(at + 12, attribute.hash()).put(at + ENTRY, attribute.name());
      at += attribute.entrySize();
    }
  }

  private static List<Attribute> list(Map<String, byte[]> attributes) {
    List<Attribute> list = new ArrayList<>();
    attributes.forEach(
        (name, value) -> {
          int dot = name.indexOf('.');
          int index =
              switch (name.substring(0, dot)) {
                case "user" -> 1;
                case "trusted" -> 4;
                default -> 6;
              };
          list.add(new Attribute(index, name.substring(dot + 1).getBytes(StandardCharsets.ISO_8859_1), value));
        });
    list.sort(
        Comparator.comparingInt(Attribute::index).thenComparingInt(attribute -> attribute.name().length).thenComparing(Attribute::name, Arrays::compareUnsigned));
    return list;
  }
}
