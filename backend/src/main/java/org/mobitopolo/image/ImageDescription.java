// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.mobitopolo.task.LabException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The file that describes an image. */
final class ImageDescription {

  static final String SUFFIX = ".json";
  static final String IMAGE_SUFFIX = ".img.zst";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
  private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

  private ImageDescription() {}

  /** Whether images may have that name: letters, digits, dot, hyphen, underscore. */
  static boolean isName(String name) {
    // what looks like a hash would be taken for one
    return NAME.matcher(name).matches() && !SHA_256.matcher(name).matches();
  }

  /**
   * Reads one.
   *
   * @throws LabException.FilesUnusable if it is damaged or its image is not there
   */
  static Image read(Path file) throws IOException {
    JsonNode json;
    try {
      json = JsonMapper.shared().readTree(Files.readAllBytes(file));
    } catch (JacksonException e) {
      throw unusable(file, "is damaged", e);
    }
    String base = file.getFileName().toString();
    Path compressed = file.resolveSibling(base.substring(0, base.length() - SUFFIX.length()) + IMAGE_SUFFIX);
    String name = json.path("name").asString("");
    String sha256 = json.path("sha256").asString("");
    long size = json.path("sizeBytes").asLong(0);
    if (!isName(name) || !SHA_256.matcher(sha256).matches() || size <= 0 || !Files.isReadable(compressed)) {
      throw unusable(file, "lacks name, sha256 or sizeBytes, or " + compressed + " is not there", null);
    }
    return new Image(
        name,
        sha256,
        size,
        json.path("description").asString(""),
        json.path("defaults").path("memoryMiB").asInt(64),
        compressed,
        json.path("origin").asString(""),
        created(file, json),
        packages(json));
  }

  private static Instant created(Path file, JsonNode json) {
    try {
      return Instant.parse(json.path("created").asString(Instant.EPOCH.toString()));
    } catch (DateTimeException e) {
      throw unusable(file, "is damaged", e);
    }
  }

  private static List<String> packages(JsonNode json) {
    List<String> packages = new ArrayList<>();
    for (JsonNode item : json.path("packages").values()) {
      packages.add(item.path("name").asString("") + " " + item.path("version").asString(""));
    }
    return packages;
  }

  /** The description as it is stored. */
  static byte[] write(Image image) {
    ObjectNode json = JsonMapper.shared().createObjectNode();
    json.put("name", image.name()).put("sha256", image.sha256()).put("sizeBytes", image.sizeBytes()).put("description", image.description());
    json.put("origin", image.origin()).put("created", image.created().toString());
    ArrayNode packages = json.putArray("packages");
    for (String item : image.packages()) {
      String[] words = item.split(" ", 2);
      packages.addObject().put("name", words[0]).put("version", words.length > 1 ? words[1] : "");
    }
    json.put("architecture", "x86_64").putObject("defaults").put("memoryMiB", image.memoryMiB());
    return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
  }

  private static LabException unusable(Path file, String how, Exception cause) {
    return new LabException.FilesUnusable(
        "The description of a guest image, " + file + ", " + how + ".",
        "No VM can be created.",
        "Delete this file if the image is your own; else install Mobitopolo again, or build it with mvn package.",
        cause);
  }
}
