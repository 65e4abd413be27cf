// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.mobitopolo.image.disk.BadArchiveException;
import org.mobitopolo.image.disk.Contents;
import org.mobitopolo.image.disk.FileTree;
import org.mobitopolo.image.disk.Inode;
import org.mobitopolo.image.disk.TarLayer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An image for containers: an OCI image layout, or what {@code docker save} writes. Every blob's hash is checked against what names it, and every
 * layer's against the image's configuration.
 */
final class OciImage {
  private static final int MAX_JSON = 4 << 20;
  private static final int MAX_INDEXES = 4;
  private static final int MAX_LAYERS = 500;
  private static final String SHA_256 = "sha256:";

  private final OciBlobs blobs;
  private final JsonNode configuration;
  private final List<Layer> layers;

  /**
   * A layer.
   *
   * @param path of the blob
   * @param sha256 of the blob, empty when only that of its contents is known
   * @param contentSha256 of the tar file in it
   */
  private record Layer(String path, String sha256, String contentSha256) {}

  private OciImage(OciBlobs blobs, JsonNode configuration, List<Layer> layers) {
    this.blobs = blobs;
    this.configuration = configuration;
    this.layers = layers;
  }

  /** Whether a tree is the archive of an image rather than a root file system. */
  static boolean isArchive(FileTree tree) {
    return !tree.has("etc") && !tree.has("bin") && (tree.has("oci-layout") || tree.has("manifest.json")) || tree.has("oci-layout") && tree.has("blobs");
  }

  /**
   * Reads what an image consists of.
   *
   * @throws BadArchiveException if it is damaged, or not for this kind of computer
   */
  static OciImage read(OciBlobs blobs) throws IOException {
    if (blobs.open("index.json").isPresent()) {
      return ofLayout(blobs);
    }
    if (blobs.open("manifest.json").isPresent()) {
      return ofDocker(blobs);
    }
    throw new BadArchiveException("it has neither index.json nor manifest.json");
  }

  private static OciImage ofLayout(OciBlobs blobs) throws IOException {
    JsonNode json = json(blobs, "index.json", "");
    for (int depth = 0; depth < MAX_INDEXES; depth++) {
      if (json.has("layers")) {
        return ofManifest(blobs, json);
      }
      String digest = chosen(json);
      json = json(blobs, path(digest), digest.substring(SHA_256.length()));
    }
    throw new BadArchiveException("its indexes name each other");
  }

  /** The one for our kind of computer. */
  private static String chosen(JsonNode index) throws BadArchiveException {
    List<String> fitting = new ArrayList<>();
    List<String> others = new ArrayList<>();
    for (JsonNode manifest : index.path("manifests").values()) {
      JsonNode platform = manifest.path("platform");
      String architecture = platform.path("architecture").asString("amd64");
      String system = platform.path("os").asString("linux");
      String digest = manifest.path("digest").asString("");
      if (architecture.equals("amd64") && system.equals("linux")) {
        if (!fitting.contains(digest)) {
          fitting.add(digest);
        }
      } else if (!architecture.equals("unknown")) {
        others.add(system + "/" + architecture);
      }
    }
    if (fitting.isEmpty()) {
      throw new BadArchiveException("it holds nothing for linux/amd64, only " + shown(String.join(", ", others)));
    }
    if (fitting.size() > 1) {
      throw new BadArchiveException("it holds " + fitting.size() + " images; save one alone");
    }
    return fitting.getFirst();
  }

  private static OciImage ofManifest(OciBlobs blobs, JsonNode manifest) throws IOException {
    String digest = manifest.path("config").path("digest").asString("");
    JsonNode configuration = json(blobs, path(digest), digest.substring(SHA_256.length()));
    List<String> hashes = contentHashes(configuration);
    List<Layer> layers = new ArrayList<>();
    for (JsonNode layer : manifest.path("layers").values()) {
      String name = layer.path("digest").asString("");
      String path = path(name);
      layers.add(new Layer(path, name.substring(SHA_256.length()), hash(hashes, layers.size())));
    }
    return checked(blobs, configuration, layers, hashes);
  }

  private static OciImage ofDocker(OciBlobs blobs) throws IOException {
    JsonNode images = json(blobs, "manifest.json", "");
    if (images.size() != 1) {
      throw new BadArchiveException("it holds " + images.size() + " images; save one alone");
    }
    JsonNode configuration = json(blobs, safe(images.path(0).path("Config").asString("")), "");
    List<String> hashes = contentHashes(configuration);
    List<Layer> layers = new ArrayList<>();
    for (JsonNode layer : images.path(0).path("Layers").values()) {
      layers.add(new Layer(safe(layer.asString("")), "", hash(hashes, layers.size())));
    }
    return checked(blobs, configuration, layers, hashes);
  }

  private static OciImage checked(OciBlobs blobs, JsonNode configuration, List<Layer> layers, List<String> hashes) throws BadArchiveException {
    String architecture = configuration.path("architecture").asString("amd64");
    String system = configuration.path("os").asString("linux");
    if (!architecture.equals("amd64") || !system.equals("linux")) {
      throw new BadArchiveException("it is for " + shown(system + "/" + architecture) + "; VMs need linux/amd64");
    }
    if (layers.isEmpty() || layers.size() > MAX_LAYERS || layers.size() != hashes.size()) {
      throw new BadArchiveException("it has " + layers.size() + " layers, of which its configuration tells " + hashes.size() + " hashes");
    }
    return new OciImage(blobs, configuration, layers);
  }

  private static List<String> contentHashes(JsonNode configuration) throws BadArchiveException {
    List<String> hashes = new ArrayList<>();
    for (JsonNode digest : configuration.path("rootfs").path("diff_ids").values()) {
      path(digest.asString(""));
      hashes.add(digest.asString("").substring(SHA_256.length()));
    }
    return hashes;
  }

  private static String hash(List<String> hashes, int index) {
    return index < hashes.size() ? hashes.get(index) : "";
  }

  /** Where the blob of that hash lies. */
  private static String path(String digest) throws BadArchiveException {
    if (!digest.matches(SHA_256 + "[0-9a-f]{64}")) {
      throw new BadArchiveException("it names a part by " + shown(digest) + ", which is no SHA-256");
    }
    return "blobs/sha256/" + digest.substring(SHA_256.length());
  }

  private static String safe(String path) throws BadArchiveException {
    if (!path.matches("[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")) {
      throw new BadArchiveException("it names a part by " + shown(path));
    }
    return path;
  }

  private static JsonNode json(OciBlobs blobs, String path, String sha256) throws IOException {
    try (InputStream in = blobs.open(path).orElseThrow(() -> missing(path))) {
      byte[] bytes = in.readNBytes(MAX_JSON + 1);
      if (bytes.length > MAX_JSON) {
        throw new BadArchiveException("its part " + shown(path) + " is too large");
      }
      if (!sha256.isEmpty() && !sha256.equals(HexFormat.of().formatHex(digest().digest(bytes)))) {
        throw damaged(path);
      }
      return JsonMapper.shared().readTree(bytes);
    } catch (JacksonException e) {
      throw new BadArchiveException("its part " + shown(path) + " is not JSON");
    }
  }

  /** Puts all layers into a tree. */
  void unpack(FileTree tree, Contents contents) throws IOException {
    for (Layer layer : layers) {
      DigestInputStream packed = new DigestInputStream(blobs.open(layer.path()).orElseThrow(() -> missing(layer.path())), digest());
      try (packed) {
        DigestInputStream tar = new DigestInputStream(Unpacking.of(new Unclosed(packed)), digest());
        new TarLayer(tree, contents, true).read(tar);
        tar.transferTo(OutputStream.nullOutputStream());
        packed.transferTo(OutputStream.nullOutputStream());
        boolean sound = layer.sha256().isEmpty() || layer.sha256().equals(hash(packed));
        if (!sound || !layer.contentSha256().equals(hash(tar))) {
          throw damaged(layer.path());
        }
      }
    }
  }

  private static String hash(DigestInputStream in) {
    return HexFormat.of().formatHex(in.getMessageDigest().digest());
  }

  /** What the image runs. */
  GuestCommand command(FileTree tree, Contents contents) throws IOException {
    JsonNode json = configuration.path("config");
    List<String> argv = new ArrayList<>(texts(json.path("Entrypoint")));
    argv.addAll(texts(json.path("Cmd")));
    String cwd = json.path("WorkingDir").asString("");
    long[] user = user(json.path("User").asString(""), tree, contents);
    return new GuestCommand(argv, texts(json.path("Env")), cwd.isEmpty() ? "/" : cwd, user[0], user[1]);
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.values().forEach(item -> texts.add(item.asString("")));
    return texts;
  }

  /** Numbers of {@code user[:group]}, each a name or a number. */
  private static long[] user(String text, FileTree tree, Contents contents) throws IOException {
    String[] parts = text.isEmpty() ? new String[] {"0"} : text.split(":", 2);
    String[] entry = parts[0].matches("[0-9]{1,9}") ? line("etc/passwd", 2, parts[0], tree, contents) : line("etc/passwd", 0, parts[0], tree, contents);
    long uid = entry.length > 3 ? number(entry[2]) : number(parts[0]);
    long gid = entry.length > 3 ? number(entry[3]) : 0;
    if (parts.length > 1) {
      String[] group = line("etc/group", 0, parts[1], tree, contents);
      gid = number(group.length > 2 ? group[2] : parts[1]);
    }
    return new long[] {uid, gid};
  }

  private static String[] line(String file, int field, String value, FileTree tree, Contents contents) throws IOException {
    Inode inode = tree.lookup(file).filter(Inode::isFile).orElse(null);
    if (inode == null || inode.content().size() > MAX_JSON) {
      return new String[0];
    }
    String text = new String(contents.open(inode.content()).readAllBytes(), StandardCharsets.ISO_8859_1);
    return text.lines().map(line -> line.split(":")).filter(fields -> fields.length > field && fields[field].equals(value)).findFirst().orElse(new String[0]);
  }

  private static long number(String text) throws BadArchiveException {
    if (!text.matches("[0-9]{1,9}")) {
      throw new BadArchiveException("it is to run as user or group " + shown(text) + ", whom it does not know");
    }
    return Long.parseLong(text);
  }

  private static BadArchiveException missing(String path) {
    return new BadArchiveException("its part " + shown(path) + " is missing");
  }

  private static BadArchiveException damaged(String path) {
    return new BadArchiveException("its part " + shown(path) + " is damaged: it has not the hash that it should have");
  }

  private static String shown(String text) {
    String line = text.replaceAll("[^ -~]", "?").toLowerCase(Locale.ROOT);
    return line.length() > 100 ? line.substring(0, 100) + "..." : line;
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** The rest of it is wanted after its reader was done. */
  private static final class Unclosed extends FilterInputStream {
    private Unclosed(InputStream in) {
      super(in);
    }

    @Override
    public void close() {
      // by its owner
    }
  }
}
