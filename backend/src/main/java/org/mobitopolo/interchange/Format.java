// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Files of other programs that can be imported. */
public enum Format {
  CONTAINERLAB("containerlab"),
  GNS3("GNS3"),
  GRAPHML("GraphML"),
  GML("GML"),
  CORE("CORE"),
  KATHARA("Kathará");

  private final String title;

  Format(String title) {
    this.title = title;
  }

  /** What people call it. */
  public String title() {
    return title;
  }

  /** How the command line names it. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The format of that name.
   *
   * @throws ImportException when there is none
   */
  public static Format of(String key) throws ImportException {
    return Arrays.stream(values())
        .filter(format -> format.key().equalsIgnoreCase(key.strip()))
        .findFirst()
        .orElseThrow(
            () ->
                new ImportException(
                    "\"" + key + "\" is not a format. There are " + keys() + "."));
  }

  /** All names, for texts. */
  public static String keys() {
    return Arrays.stream(values()).map(Format::key).collect(Collectors.joining(", "));
  }

  /** What a file's name says about its format; {@code .xml} is taken for a scenario of CORE. */
  static Optional<Format> ofName(Path file) {
    String name = file.getFileName() == null ? "" : file.getFileName().toString();
    name = name.toLowerCase(Locale.ROOT);
    if (name.equals(KatharaImport.FILE) || Files.isDirectory(file)) {
      return Optional.of(KATHARA);
    }
    return switch (name.substring(name.lastIndexOf('.') + 1)) {
      case "yml", "yaml" -> Optional.of(CONTAINERLAB);
      case "gns3", "gns3project", "gns3p" -> Optional.of(GNS3);
      case "graphml" -> Optional.of(GRAPHML);
      case "gml" -> Optional.of(GML);
      case "xml" -> Optional.of(CORE);
      case "conf" -> Optional.of(KATHARA);
      default -> Optional.empty();
    };
  }
}
