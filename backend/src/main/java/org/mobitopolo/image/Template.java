// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.mobitopolo.task.LabException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What an image can be built of: packages of the distribution and what is done with them.
 *
 * @param name of the image
 * @param description one sentence
 * @param packages those that are wanted; what they depend on comes along
 * @param memoryMiB RAM that VMs of the image need as a rule
 * @param sizeMiB size of the image, free room included
 * @param finish a script for {@code /bin/sh} that runs in the guest at the end
 */
public record Template(String name, String description, List<String> packages, int memoryMiB, int sizeMiB, String finish) {

  private static final List<String> BUNDLED = List.of("router", "server");
  private static final int MAX_MEMORY_MIB = 1 << 16;
  private static final int MAX_SIZE_MIB = 1 << 16;

  public Template {
    packages = List.copyOf(packages);
  }

  /** Those that come with the program. */
  static List<Template> all() {
    return BUNDLED.stream().map(Template::bundled).toList();
  }

  private static Template bundled(String name) {
    try (InputStream in = Template.class.getResourceAsStream(name + ".json")) {
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), name);
    } catch (IOException e) {
      throw new UncheckedIOException("a file of the program itself", e);
    }
  }

  /**
   * Reads one of the user's own.
   *
   * @throws LabException.FilesUnusable if the file can't be read or is not a template
   */
  public static Template read(Path file) {
    try {
      return parse(Files.readString(file), file.toString());
    } catch (IOException e) {
      throw new LabException.FilesUnusable("The template " + file + " can't be read.", "Nothing was built.", "Check its name and permissions.", e);
    }
  }

  private static Template parse(String text, String file) {
    JsonNode json;
    try {
      json = JsonMapper.shared().readTree(text);
    } catch (JacksonException e) {
      throw unusable(file, "it is not JSON", e);
    }
    String name = json.path("name").asString("");
    if (!ImageDescription.isName(name)) {
      throw unusable(file, "it has no \"name\" of letters, digits, dots and hyphens", null);
    }
    List<String> packages = texts(json.path("packages"));
    if (packages.isEmpty() || !packages.stream().allMatch(item -> item.matches("[a-z0-9][a-z0-9+.:-]*"))) {
      throw unusable(file, "its \"packages\" are not a list of names of packages", null);
    }
    int memory = json.path("memoryMiB").asInt(128);
    int size = json.path("sizeMiB").asInt(2048);
    if (memory < 32 || memory > MAX_MEMORY_MIB || size < 256 || size > MAX_SIZE_MIB) {
      throw unusable(file, "its \"memoryMiB\" is not from 32 to " + MAX_MEMORY_MIB + " or its \"sizeMiB\" not from 256 to " + MAX_SIZE_MIB, null);
    }
    String finish = String.join("\n", texts(json.path("finish"))) + "\n";
    return new Template(name, json.path("description").asString(""), packages, memory, size, finish);
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    for (JsonNode item : list.values()) {
      texts.add(item.asString(""));
    }
    return texts;
  }

  private static LabException unusable(String file, String how, Exception cause) {
    return new LabException.FilesUnusable("The template " + file + " can't be used: " + how + ".", "Nothing was built.", "See docs/images.md.", cause);
  }
}
