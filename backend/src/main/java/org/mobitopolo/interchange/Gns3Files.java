// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.commons.compress.archivers.zip.UnsupportedZipFeatureException;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * The files of a GNS3 project: a folder with a {@code .gns3} file, or a portable project, which is a
 * zip of that. Nothing is unpacked to disk. An archive with names that would climb out of a folder is
 * refused as a whole, as an honest program never writes such.
 */
sealed interface Gns3Files extends AutoCloseable {

  /** The project file's text. */
  String project() throws ImportException;

  /** A text file of the project; empty when there is none. */
  Optional<String> part(String name) throws ImportException;

  /** Names of the files below a folder of the project, sorted; not more than a thousand. */
  List<String> below(String folder) throws ImportException;

  @Override
  void close() throws ImportException;

  static Gns3Files open(Path file) throws ImportException {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".gns3")
        ? new Folder(file)
        : Archive.open(file);
  }

  /** A project that lies unpacked. */
  record Folder(Path file) implements Gns3Files {
    @Override
    public String project() throws ImportException {
      return LabFolder.text(file);
    }

    @Override
    public Optional<String> part(String name) throws ImportException {
      LabFolder folder = LabFolder.of(file);
      return folder.has(name) ? Optional.of(folder.part(name)) : Optional.empty();
    }

    @Override
    public List<String> below(String folder) throws ImportException {
      return LabFolder.of(file).below(folder);
    }

    @Override
    public void close() {
      // no file stays open
    }
  }

  /** A portable project. GNS3 3 packs it with zstd unless told otherwise, which Java itself can't read. */
  record Archive(Path file, ZipFile zip) implements Gns3Files {
    private static final int MOST_ENTRIES = 20_000;
    private static final int MOST_BELOW = 1000;
    private static final String PROJECT = "project.gns3";

    static Archive open(Path file) throws ImportException {
      try {
        if (!Files.isRegularFile(file)) {
          throw new ImportException(file + " is no file.");
        }
        Archive archive =
            new Archive(
                file, ZipFile.builder().setPath(file).setIgnoreLocalFileHeader(true).get());
        try {
          archive.check();
        } catch (ImportException e) {
          archive.close();
          throw e;
        }
        return archive;
      } catch (IOException | RuntimeException e) {
        throw new ImportException(
            file
                + " is no portable project of GNS3, or it is damaged: "
                + e.getMessage()
                + ". Export it again.",
            e);
      }
    }

    private List<String> names() {
      return Collections.list(zip.getEntries()).stream().map(ZipArchiveEntry::getName).toList();
    }

    private void check() throws ImportException {
      List<String> names = names();
      if (names.size() > MOST_ENTRIES) {
        throw new ImportException(
            file + " has " + names.size() + " entries; " + MOST_ENTRIES + " are taken at most.");
      }
      for (String name : names) {
        boolean climbs =
            name.startsWith("/")
                || name.contains("\\")
                || name.matches("[A-Za-z]:.*")
                || Arrays.asList(name.split("/")).contains("..");
        if (climbs) {
          throw new ImportException(
              file
                  + " has an entry \""
                  + Draft.limit(name, 100)
                  + "\", which points out of the project. It was not read; get the file anew from"
                  + " someone you trust.");
        }
      }
    }

    @Override
    public String project() throws ImportException {
      return read(PROJECT, LabFolder.LONGEST_FILE)
          .orElseThrow(
              () ->
                  new ImportException(
                      file + " is no portable project of GNS3: it has no " + PROJECT + "."));
    }

    @Override
    public Optional<String> part(String name) throws ImportException {
      Optional<String> text = read(name, LabFolder.LONGEST_PART);
      if (text.isPresent() && text.get().indexOf('\0') >= 0) {
        throw new ImportException("it is no text");
      }
      return text;
    }

    @Override
    public List<String> below(String folder) {
      return names().stream()
          .filter(name -> name.startsWith(folder + "/") && !name.endsWith("/"))
          .sorted()
          .limit(MOST_BELOW)
          .toList();
    }

    private Optional<String> read(String name, int most) throws ImportException {
      ZipArchiveEntry entry = zip.getEntry(name);
      if (entry == null || entry.isDirectory()) {
        return Optional.empty();
      }
      // the length is counted while reading: what the entry says of itself may be a lie
      try (InputStream in = zip.getInputStream(entry)) {
        return Optional.of(LabFolder.decode(name, LabFolder.limited(name, in, most)));
      } catch (UnsupportedZipFeatureException e) {
        throw new ImportException(
            name
                + " in "
                + file
                + " is packed in a way that is not read here. Export the project again, with the"
                + " compression zstd, zip or none.",
            e);
      } catch (IOException | RuntimeException e) {
        throw new ImportException(
            name + " in " + file + " is damaged: " + e.getMessage() + ". Export it again.", e);
      }
    }

    @Override
    public void close() throws ImportException {
      try {
        zip.close();
      } catch (IOException e) {
        throw new ImportException(file + " can't be closed: " + e.getMessage() + ".", e);
      }
    }
  }
}
