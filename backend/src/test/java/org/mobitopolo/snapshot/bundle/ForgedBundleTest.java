// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobitopolo.task.LabException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Bundles whose checksums are all right, made by somebody who means harm. */
class ForgedBundleTest {
  @TempDir Path folder;

  private record Member(String name, byte[] contents, long bytes) {
    static Member compressed(String name, byte[] contents) {
      return new Member(name, Zstd.compress(contents), contents.length);
    }
  }

  private final List<Member> members = new ArrayList<>();
  private long pages;

  @BeforeEach
  void readAGoodOne() throws IOException {
    Path file = folder.resolve("good.mobitopolo");
    new SampleBundle(1, 10).write(file);
    try (TarArchiveInputStream tar = new TarArchiveInputStream(Files.newInputStream(file))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        byte[] contents = tar.readAllBytes();
        if (entry.getName().equals(Names.INDEX)) {
          pages = Json.parse(Zstd.decompress(contents, (int) Zstd.getFrameContentSize(contents))).path("pages").asLong(-1);
          return;
        }
        members.add(new Member(entry.getName(), contents, Names.compressed(entry.getName()) ? Zstd.getFrameContentSize(contents) : contents.length));
      }
    }
  }

  private Path forge(Consumer<ObjectNode> index) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ObjectNode json = Json.MAPPER.createObjectNode().put("format", "mobitopolo-bundle-index").put("version", 1).put("pages", pages);
    ArrayNode list = json.putArray("members");
    for (Member member : members) {
      out.writeBytes(Tar.header(member.name(), member.contents().length, SampleBundle.CREATED));
      list.addObject()
          .put("name", member.name())
          .put("offset", out.size())
          .put("size", member.contents().length)
          .put("bytes", member.bytes())
          .put("sha256", HexFormat.of().formatHex(Digests.sha256().digest(member.contents())));
      out.writeBytes(member.contents());
      out.writeBytes(new byte[Tar.padding(member.contents().length)]);
    }
    index.accept(json);
    return end(out, Zstd.compress(Json.MAPPER.writeValueAsBytes(json)));
  }

  private Path end(ByteArrayOutputStream out, byte[] index) throws IOException {
    out.writeBytes(Tar.header(Names.INDEX, index.length, SampleBundle.CREATED));
    long offset = out.size();
    out.writeBytes(index);
    out.writeBytes(new byte[Tar.padding(index.length)]);
    out.writeBytes(Tar.header(Names.TRAILER, Trailer.BYTES, SampleBundle.CREATED));
    out.writeBytes(new Trailer(offset, index.length, out.size() + Trailer.FROM_END, Digests.sha256().digest(index)).toBytes());
    out.writeBytes(new byte[Tar.END_BYTES]);
    return Files.write(folder.resolve("forged.mobitopolo"), out.toByteArray());
  }

  private void assertRefused(Consumer<ObjectNode> index, String reason) throws IOException {
    Path forged = forge(index);
    assertThatThrownBy(
            () -> {
              try (Bundle bundle = Bundle.open(forged)) {
                bundle.check(checked -> {});
              }
            })
        .isInstanceOf(LabException.FilesUnusable.class)
        .hasMessageContaining("Nothing was changed.")
        .hasMessageContaining(reason);
  }

  private void replace(String name, UnaryOperator<byte[]> change) {
    members.replaceAll(member -> member.name().equals(name) ? changed(member, change) : member);
  }

  private static Member changed(Member member, UnaryOperator<byte[]> change) {
    boolean compressed = Names.compressed(member.name());
    byte[] contents = change.apply(compressed ? Zstd.decompress(member.contents(), (int) member.bytes()) : member.contents());
    return compressed ? Member.compressed(member.name(), contents) : new Member(member.name(), contents, contents.length);
  }

  private void changeManifest(Consumer<ObjectNode> change) {
    replace(
        Names.MANIFEST,
        bytes -> {
          ObjectNode json = (ObjectNode) Json.parse(bytes);
          change.accept(json);
          return Json.MAPPER.writeValueAsBytes(json);
        });
  }

  @Test
  void theForgerAloneIsNoReasonToRefuse() throws Exception {
    try (Bundle bundle = Bundle.open(forge(index -> {}))) {
      bundle.check(checked -> {});
      assertThat(bundle.manifest().name()).isEqualTo("Pair");
    }
  }

  @Test
  void namesThatLeadOutAreRefused() throws Exception {
    for (String name : List.of("../x", "/etc/passwd", "pages/../../x", "vms/0000/../ram.map.zst", "pages/00000000.zst/x", "x")) {
      members.add(Member.compressed(name, new byte[10]));
      assertRefused(index -> {}, "a member that it must not have");
      members.removeLast();
    }
  }

  @Test
  void membersThatComeTwiceAreRefused() throws Exception {
    members.add(members.getFirst());
    assertRefused(index -> {}, "or one twice");
    members.removeLast();
    members.add(members.getLast());
    assertRefused(index -> {}, "or one twice");
  }

  @Test
  void missingAndUselessMembersAreRefused() throws Exception {
    for (int i = 1; i < members.size(); i++) {
      Member removed = members.remove(i);
      if (!removed.name().equals(Names.THUMBNAIL)) {
        assertRefused(index -> {}, "damaged");
      }
      members.add(i, removed);
    }
    members.add(Member.compressed("vms/0007/digest.zst", new byte[10]));
    assertRefused(index -> {}, "or has something more");
  }

  @Test
  void sizesThatWouldFillTheMemoryAreRefused() throws Exception {
    for (Member member : List.copyOf(members)) {
      int at = members.indexOf(member);
      if (Names.compressed(member.name())) {
        // a frame of a few kilobytes that becomes a gigabyte
        members.set(at, new Member(member.name(), Zstd.compress(new byte[1 << 30]), 1L << 30));
        assertRefused(index -> {}, "damaged");
        members.set(at, new Member(member.name(), members.get(at).contents(), member.bytes()));
        assertRefused(index -> {}, "damaged");
        members.set(at, member);
        break;
      }
    }
    assertRefused(index -> member(index, 0).put("bytes", Long.MAX_VALUE), "size");
    assertRefused(index -> member(index, 2).put("bytes", Long.MAX_VALUE), "damaged");
    assertRefused(index -> member(index, 2).put("size", Long.MAX_VALUE), "one behind the other");
    assertRefused(index -> member(index, 2).put("offset", -1), "one behind the other");
    assertRefused(index -> index.put("pages", Long.MAX_VALUE), "as many pages");
    assertRefused(index -> index.put("pages", pages + 1), "pages is missing");
  }

  private static ObjectNode member(ObjectNode index, int number) {
    return (ObjectNode) index.path("members").path(number);
  }

  @Test
  void anIndexThatDecompressesToTooMuchIsRefused() throws Exception {
    Path forged = end(new ByteArrayOutputStream(), Zstd.compress(new byte[300 << 20]));
    assertThatThrownBy(() -> Bundle.open(forged)).isInstanceOf(LabException.FilesUnusable.class).hasMessageContaining("damaged");
  }

  @Test
  void wrongJsonIsRefused() throws Exception {
    byte[] good = members.getFirst().contents();
    for (String text : List.of("", "[]", "null", "{", "{}", "{\"format\":\"mobitopolo-topology\",\"version\":1}", "[".repeat(1 << 16), "{\"a\":1,\"a\":2}")) {
      replace(Names.MANIFEST, bytes -> text.getBytes(StandardCharsets.UTF_8));
      assertRefused(index -> {}, "damaged");
    }
    replace(Names.MANIFEST, bytes -> (new String(good, StandardCharsets.UTF_8) + "{}").getBytes(StandardCharsets.UTF_8));
    assertRefused(index -> {}, "JSON");
  }

  @Test
  void aManifestThatContradictsItselfIsRefused() throws Exception {
    byte[] good = members.getFirst().contents();
    List<Consumer<ObjectNode>> changes =
        List.of(
            json -> json.put("version", 3),
            json -> json.put("created", "yesterday"),
            json -> json.putObject("places"),
            json -> json.putObject("topology"),
            json -> vm(json).put("node", "nobody"),
            json -> vm(json).put("node", "right"),
            json -> vm(json).put("region", "mars"),
            json -> vm(json).put("kernel", "../../x"),
            json -> head(json).put("pageSize", 8192),
            json -> head(json).put("ramSize", Long.MAX_VALUE),
            json -> head(json).put("ramSize", -4096),
            json -> head(json).put("ramPages", 3),
            json -> head(json).put("version", 2),
            json -> ((ObjectNode) head(json).path("disks").path(0)).put("blocks", 1),
            json -> ((ObjectNode) head(json).path("disks").path(0)).put("image", "../x"),
            json -> ((ArrayNode) head(json).path("disks")).addObject().put("image", "").put("blocks", 10),
            json -> json.putArray("images").addObject().put("sha256", "../x").put("bytes", 4096),
            json -> ((ObjectNode) json.path("topology").path("regions").path(0)).put("host", "ssh://me@example.org"));
    for (int i = 0; i < changes.size(); i++) {
      changeManifest(changes.get(i));
      assertRefused(index -> {}, "damaged");
      replace(Names.MANIFEST, bytes -> good);
    }
  }

  private static ObjectNode vm(JsonNode manifest) {
    return (ObjectNode) manifest.path("vms").path(0);
  }

  private static ObjectNode head(JsonNode manifest) {
    return (ObjectNode) vm(manifest).path("head");
  }

  @Test
  void mapsThatLeadNowhereAreRefused() throws Exception {
    for (byte[] map :
        List.of(new byte[3], run(0, 0, 0), run(0, -5, 0), run(0, 1, pages), run(0, 1, Long.MAX_VALUE), run(0, 1, -2), run(1 << 30, 10, 0), run(0, 7, 0))) {
      replace(Names.ramMap(0), bytes -> map);
      assertRefused(index -> {}, "damaged");
    }
  }

  private static byte[] run(int first, int count, long stored) {
    return ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putInt(first).putInt(count).putLong(stored).array();
  }
}
