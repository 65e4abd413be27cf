// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The files beside a lab's file. What a lab names is somebody else's word, so nothing outside the
 * folder is ever read: neither by {@code ..}, nor by an absolute path, nor by a symbolic link.
 */
final class LabFolder {

  /** The longest lab file that is read, bytes. */
  static final int LONGEST_FILE = 16 << 20;

  /** The longest file beside it that is taken over, bytes. */
  static final int LONGEST_PART = 64 << 10;

  private static final int MOST_FILES = 1000;

  private final Path folder;

  /** The folder that the file lies in. */
  static LabFolder of(Path file) {
    Path parent = file.toAbsolutePath().normalize().getParent();
    return new LabFolder(parent == null ? file.toAbsolutePath() : parent);
  }

  LabFolder(Path folder) {
    this.folder = folder.toAbsolutePath().normalize();
  }

  /**
   * Reads a lab file of at most {@link #LONGEST_FILE} bytes, UTF-8.
   *
   * @throws ImportException when it can't be read or is too long
   */
  static String text(Path file) throws ImportException {
    return decode(file.toString(), bytes(file));
  }

  private static byte[] bytes(Path file) throws ImportException {
    try (InputStream in = Files.newInputStream(file)) {
      return limited(file.toString(), in, LONGEST_FILE);
    } catch (IOException e) {
      throw new ImportException(file + " can't be read: " + reason(e) + ".", e);
    }
  }

  /** All bytes of a stream that may hold at most so many. */
  static byte[] limited(String name, InputStream in, int most)
      throws IOException, ImportException {
    byte[] bytes = in.readNBytes(most + 1);
    if (bytes.length > most) {
      throw new ImportException(
          name + " is longer than " + (most >> 10) + " KiB, so it was not read.");
    }
    return bytes;
  }

  static String decode(String name, byte[] bytes) throws ImportException {
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(bytes))
              .toString();
      return text.startsWith("\uFEFF") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw new ImportException(name + " is no text in UTF-8. Save it as UTF-8 and try again.", e);
    }
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  /** Whether the folder has a plain file of that name. */
  boolean has(String name) {
    return inside(name).isPresent();
  }

  /**
   * A text file of this folder, named relative to it.
   *
   * @throws ImportException when it lies elsewhere, is missing, too long or no text; the message
   *     says which
   */
  String part(String name) throws ImportException {
    Path file =
        inside(name)
            .orElseThrow(
                () -> new ImportException("there is no such file in the lab's own folder"));
    try (InputStream in = Files.newInputStream(file)) {
      String text = decode(name, limited(name, in, LONGEST_PART));
      if (text.indexOf('\0') >= 0) {
        throw new ImportException("it is no text");
      }
      return text;
    } catch (IOException e) {
      throw new ImportException(name + " can't be read: " + reason(e), e);
    }
  }

  private Optional<Path> inside(String name) {
    try {
      Path file = folder.resolve(name).normalize();
      return file.startsWith(folder)
              && Files.isRegularFile(file)
              && file.toRealPath().startsWith(folder.toRealPath())
          ? Optional.of(file)
          : Optional.empty();
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }

  /** Names of all plain files below a folder of this one, relative to this one, sorted. */
  List<String> below(String name) throws ImportException {
    Path start = folder.resolve(name).normalize();
    if (!start.startsWith(folder) || !Files.isDirectory(start, LinkOption.NOFOLLOW_LINKS)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(start, 16)) {
      return files
          .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
          .limit(MOST_FILES)
          .map(file -> folder.relativize(file).toString())
          .sorted()
          .toList();
    } catch (IOException | UncheckedIOException e) {
      throw new ImportException("The folder " + start + " can't be read: " + e.getMessage(), e);
    }
  }
}
