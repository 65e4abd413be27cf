// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Makes tar files and images for containers. */
final class Archives {

  private Archives() {}

  /** A tar file that is being made. */
  static final class Tar {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream out = new TarArchiveOutputStream(bytes, "UTF-8");

    Tar() {
      out.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    }

    Tar file(String path, String text) {
      return file(path, text, 0100644);
    }

    Tar file(String path, String text, int mode) {
      byte[] content = text.getBytes(StandardCharsets.UTF_8);
      TarArchiveEntry entry = new TarArchiveEntry(path, true);
      entry.setSize(content.length);
      entry.setMode(mode);
      return add(entry, content);
    }

    Tar folder(String path) {
      return add(new TarArchiveEntry(path + "/", true), new byte[0]);
    }

    Tar link(String path, String target, boolean hard) {
      TarArchiveEntry entry = new TarArchiveEntry(path, hard ? TarConstants.LF_LINK : TarConstants.LF_SYMLINK);
      entry.setLinkName(target);
      return add(entry, new byte[0]);
    }

    private Tar add(TarArchiveEntry entry, byte[] content) {
      try {
        out.putArchiveEntry(entry);
        out.write(content);
        out.closeArchiveEntry();
        return this;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    byte[] bytes() throws IOException {
      out.finish();
      return bytes.toByteArray();
    }
  }

  static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** How a layer is packed. */
  interface Packing {
    OutputStream over(OutputStream out) throws IOException;
  }

  static byte[] pack(byte[] bytes, Packing packing) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = packing.over(packed)) {
      out.write(bytes);
    }
    return packed.toByteArray();
  }

  /**
   * Writes an OCI image layout.
   *
   * @param config the member {@code config} of the configuration
   * @param layers tar files
   * @param packed the same, as they are stored
   */
  static void layout(Path folder, String config, List<byte[]> layers, List<byte[]> packed) throws IOException {
    Path blobs = Files.createDirectories(folder.resolve("blobs/sha256"));
    List<String> hashes = new ArrayList<>();
    List<String> descriptors = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      hashes.add("\"sha256:" + sha256(layers.get(i)) + "\"");
      descriptors.add("{\"digest\":\"" + blob(blobs, packed.get(i)) + "\",\"size\":" + packed.get(i).length + "}");
    }
    String configuration =
        "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":" + config + ",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[" + String.join(",", hashes) + "]}}";
    String manifest =
        "{\"schemaVersion\":2,\"config\":{\"digest\":\"" + blob(blobs, configuration.getBytes(StandardCharsets.UTF_8)) + "\"},\"layers\":["
            + String.join(",", descriptors) + "]}";
    String other = "{\"digest\":\"sha256:" + "0".repeat(64) + "\",\"platform\":{\"architecture\":\"arm64\",\"os\":\"linux\"}}";
    String index =
        "{\"manifests\":[" + other + ",{\"digest\":\"" + blob(blobs, manifest.getBytes(StandardCharsets.UTF_8))
            + "\",\"platform\":{\"architecture\":\"amd64\",\"os\":\"linux\"}}]}";
    Files.writeString(folder.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    Files.writeString(
        folder.resolve("index.json"), "{\"manifests\":[{\"digest\":\"" + blob(blobs, index.getBytes(StandardCharsets.UTF_8)) + "\"}]}");
  }

  private static String blob(Path blobs, byte[] bytes) throws IOException {
    String hash = sha256(bytes);
    Files.write(blobs.resolve(hash), bytes);
    return "sha256:" + hash;
  }
}
