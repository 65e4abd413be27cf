// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.document;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/**
 * What the window remembers from one run to the next: theme, recent files, hints already given. One
 * small file in the folder for state. It is a convenience: a file that can't be read counts as
 * empty, one that can't be written is left as it was. Thread-safe.
 */
public final class Settings {
  private static final int MOST_RECENT = 10;
  private static final System.Logger LOG = System.getLogger(Settings.class.getName());

  private final Path file;
  private final Properties values = new Properties();

  /** Reads {@code window.properties} in the folder. */
  public Settings(Path folder) {
    file = folder.resolve("window.properties");
    if (Files.exists(file)) {
      try (Reader reader = Files.newBufferedReader(file)) {
        values.load(reader);
      } catch (IOException | IllegalArgumentException e) {
        LOG.log(System.Logger.Level.INFO, "settings not read from " + file, e);
      }
    }
  }

  public synchronized Optional<String> get(String key) {
    return Optional.ofNullable(values.getProperty(key));
  }

  /** Remembers a value and writes the file; does a little I/O. */
  public synchronized void put(String key, String value) {
    if (!value.equals(values.setProperty(key, value))) {
      write();
    }
  }

  /** The files opened last, the latest first. */
  public synchronized List<Path> recentFiles() {
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < MOST_RECENT; i++) {
      String path = values.getProperty("recent." + i);
      if (path != null) {
        files.add(Path.of(path));
      }
    }
    return files;
  }

  public synchronized void addRecentFile(Path opened) {
    List<Path> files = new ArrayList<>(recentFiles());
    Path absolute = opened.toAbsolutePath().normalize();
    files.remove(absolute);
    files.addFirst(absolute);
    setRecentFiles(files);
  }

  public synchronized void removeRecentFile(Path gone) {
    List<Path> files = new ArrayList<>(recentFiles());
    if (files.remove(gone.toAbsolutePath().normalize())) {
      setRecentFiles(files);
    }
  }

  private void setRecentFiles(List<Path> files) {
    for (int i = 0; i < MOST_RECENT; i++) {
      if (i < files.size()) {
        values.setProperty("recent." + i, files.get(i).toString());
      } else {
        values.remove("recent." + i);
      }
    }
    write();
  }

  private void write() {
    try {
      Files.createDirectories(file.getParent());
      Path fresh = Files.createTempFile(file.getParent(), "window", ".tmp");
      try (Writer writer = Files.newBufferedWriter(fresh)) {
        values.store(writer, null);
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.INFO, "settings not written to " + file, e);
    }
  }
}
