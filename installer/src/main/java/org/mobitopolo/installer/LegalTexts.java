// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.installer;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Completes the legal texts: {@code LegalTexts LICENSE DISTRIBUTION NATIVE FOLDER} adds to FOLDER, where the notices and the bill of materials of the libraries lie already, our
 * own licence, the texts that the libraries' jars carry, and all about the native parts, which {@code natives.py} left in NATIVE where they were built. The Java runtime
 * brings its own texts.
 */
final class LegalTexts {
  private static final Pattern LEGAL =
      Pattern.compile("/(META-INF/)?([\\w-]*(LICEN[CS]E|NOTICE|COPYING)(\\.[\\w.]+)?|(licen[cs]es?|legal)/.*)", Pattern.CASE_INSENSITIVE);

  private LegalTexts() {}

  public static void main(String[] arguments) throws IOException {
    Path licence = Path.of(arguments[0]);
    Path libraries = Path.of(arguments[1], "lib");
    Path ofNatives = Path.of(arguments[2], "legal");
    Path out = Path.of(arguments[3]);
    if (!Files.isDirectory(ofNatives)) {
      throw new IOException(
          ofNatives + " is missing, so the notices are not complete. natives.py makes it where the native parts are built; take it along with them.");
    }
    Files.copy(licence, Files.createDirectories(out).resolve("LICENSE.txt"), StandardCopyOption.REPLACE_EXISTING);
    for (Path part : list(ofNatives)) {
      Path target = out.resolve(part.getFileName());
      Folders.delete(target);
      Folders.copy(part, target);
    }
    Path ofLibraries = out.resolve("java");
    Folders.delete(ofLibraries);
    for (Path jar : list(libraries)) {
      String name = jar.getFileName().toString();
      if (name.endsWith(".jar") && !name.startsWith("mobitopolo-")) {
        extract(jar, ofLibraries.resolve(name.substring(0, name.length() - ".jar".length())));
      }
    }
  }

  private static void extract(Path jar, Path target) throws IOException {
    try (FileSystem inside = FileSystems.newFileSystem(jar)) {
      List<Path> texts;
      try (Stream<Path> entries = Files.walk(inside.getPath("/"))) {
        texts = entries.filter(Files::isRegularFile).filter(entry -> LEGAL.matcher(entry.toString()).matches()).toList();
      }
      for (Path text : texts) {
        Files.createDirectories(target);
        Files.copy(text, target.resolve(text.getFileName().toString()));
      }
    }
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }
}
