// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot.bundle;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * All members but the index itself and the trailer, which follow it.
 *
 * @param pages how many pages the store has
 * @param members in the order in which they lie in the file, by name
 */
record Index(long pages, Map<String, Member> members) {
  private static final String FORMAT = "mobitopolo-bundle-index";

  /**
   * A member.
   *
   * @param offset where its contents begin in the file
   * @param size their length as they are in the file
   * @param bytes their length once they are decompressed
   * @param sha256 of the contents as they are in the file
   */
  record Member(String name, long offset, long size, long bytes, byte[] sha256) {
    /** Where the next member's header begins. */
    long end() {
      return offset + size + Tar.padding(size);
    }
  }

  byte[] toBytes() {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("format", FORMAT).put("version", Trailer.VERSION).put("pages", pages);
    ArrayNode list = json.putArray("members");
    for (Member member : members.values()) {
      list.addObject()
          .put("name", member.name())
          .put("offset", member.offset())
          .put("size", member.size())
          .put("bytes", member.bytes())
          .put("sha256", HexFormat.of().formatHex(member.sha256()));
    }
    return Json.MAPPER.writeValueAsBytes(json);
  }

  /**
   * Reads an index and checks that its members fill the file from its beginning to the index's own header without a gap.
   *
   * @param end where the index's header begins
   * @throws IllegalArgumentException what is wrong with it
   */
  static Index parse(byte[] bytes, long end) {
    JsonNode json = Json.parse(bytes);
    if (!json.path("format").asString("").equals(FORMAT) || json.path("version").asInt(0) != Trailer.VERSION) {
      throw new IllegalArgumentException("its index is that of something else");
    }
    List<Member> list = new ArrayList<>();
    for (JsonNode entry : json.path("members").values()) {
      list.add(member(entry));
    }
    long at = 0;
    Map<String, Member> members = new LinkedHashMap<>();
    for (Member member : list) {
      if (member.offset() != at + Tar.BLOCK || member.size() < 0 || member.size() > end - member.offset()) {
        throw new IllegalArgumentException("its members do not lie one behind the other");
      }
      if (!Names.known(member.name()) || members.put(member.name(), member) != null) {
        throw new IllegalArgumentException("it has a member that it must not have, or one twice");
      }
      if (member.bytes() < 0 || !Names.compressed(member.name()) && member.bytes() != member.size()) {
        throw new IllegalArgumentException("the size of one of its members is wrong");
      }
      at = member.end();
    }
    long pages = json.path("pages").asLong(-1);
    if (at != end || list.isEmpty() || !list.getFirst().name().equals(Names.MANIFEST)) {
      throw new IllegalArgumentException("its members do not fill it");
    }
    Index index = new Index(pages, members);
    index.requireChunks();
    return index;
  }

  private static Member member(JsonNode entry) {
    try {
      byte[] sha256 = HexFormat.of().parseHex(entry.path("sha256").asString(""));
      if (sha256.length != Digests.SHA256_BYTES) {
        throw new IllegalArgumentException("a checksum has " + sha256.length + " bytes");
      }
      return new Member(
          entry.path("name").asString(""), entry.path("offset").asLong(-1), entry.path("size").asLong(-1), entry.path("bytes").asLong(-1), sha256);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("a checksum in its index is none", e);
    }
  }

  /** All chunks are full but the last one, so that a page's number says where it is. */
  private void requireChunks() {
    long chunks = members.keySet().stream().filter(name -> name.startsWith("pages/")).count();
    if (pages < 0 || pages > Integer.MAX_VALUE || chunks != (pages + Chunk.PAGES - 1) / Chunk.PAGES) {
      throw new IllegalArgumentException("it has not as many pages as it says");
    }
    for (long chunk = 0; chunk < chunks; chunk++) {
      Member member = members.get(Names.chunk(chunk));
      if (member == null || member.bytes() != Chunk.bytes(chunk, pages)) {
        throw new IllegalArgumentException("a part of its pages is missing");
      }
    }
  }
}
