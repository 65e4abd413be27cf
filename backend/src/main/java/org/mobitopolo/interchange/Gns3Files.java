// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

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
    public void close() {
      // no file stays open
    }
  }

  /** A portable project. */
  record Archive(Path file, ZipFile zip) implements Gns3Files {
    private static final int MOST_ENTRIES = 20_000;
    private static final String PROJECT = "project.gns3";

    static Archive open(Path file) throws ImportException {
      try {
        if (!Files.isRegularFile(file)) {
          throw new ImportException(file + " is no file.");
        }
        Archive archive = new Archive(file, new ZipFile(file.toFile()));
        try {
          archive.check();
        } catch (ImportException e) {
          archive.close();
          throw e;
        }
        return archive;
      } catch (IOException | IllegalArgumentException e) {
        throw new ImportException(
            file
                + " is no portable project of GNS3, or it is damaged: "
                + e.getMessage()
                + ". Export it again.",
            e);
      }
    }

    private void check() throws ImportException {
      if (zip.size() > MOST_ENTRIES) {
        throw new ImportException(
            file + " has " + zip.size() + " entries; " + MOST_ENTRIES + " are taken at most.");
      }
      for (String name : zip.stream().map(ZipEntry::getName).toList()) {
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
      return read(name, LabFolder.LONGEST_PART);
    }

    private Optional<String> read(String name, int most) throws ImportException {
      ZipEntry entry = zip.getEntry(name);
      if (entry == null || entry.isDirectory()) {
        return Optional.empty();
      }
      // the length is counted while reading: what the entry says of itself may be a lie
      try (InputStream in = zip.getInputStream(entry)) {
        return Optional.of(LabFolder.decode(name, LabFolder.limited(name, in, most)));
      } catch (IOException e) {
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
