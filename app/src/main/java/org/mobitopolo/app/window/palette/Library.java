// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.palette;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import javafx.collections.FXCollections;
import javafx.collections.ObservableList;
import org.mobitopolo.image.Image;
import org.mobitopolo.image.ImageCatalogue;
import org.mobitopolo.task.LabException;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.TopologyFormatException;
import org.mobitopolo.topology.TopologyJson;

/**
 * The images and templates that there are. Templates are topology files of one folder; files there
 * that are none are passed over. Lists are changed on the FX thread, files are read and written
 * elsewhere.
 */
public final class Library {
  private static final System.Logger LOG = System.getLogger(Library.class.getName());
  private static final String SUFFIX = ".json";

  private final List<Path> imageFolders;
  private final Path templateFolder;
  private final Executor fx;
  private final Executor io;
  private final ObservableList<Image> images = FXCollections.observableArrayList();
  private final ObservableList<Template> templates = FXCollections.observableArrayList();

  /** Reads the folders in the background; they need not be there. */
  public Library(List<Path> imageFolders, Path templateFolder, Executor fx, Executor io) {
    this.imageFolders = List.copyOf(imageFolders);
    this.templateFolder = templateFolder;
    this.fx = fx;
    this.io = io;
    io.execute(this::readImages);
    io.execute(this::readTemplates);
  }

  public ObservableList<Image> images() {
    return images;
  }

  /** The user's own templates, by name. */
  public ObservableList<Template> templates() {
    return templates;
  }

  private void readImages() {
    try {
      List<Image> found = ImageCatalogue.read(imageFolders).newest();
      fx.execute(() -> images.setAll(found));
    } catch (LabException e) {
      LOG.log(System.Logger.Level.INFO, "no images to choose from", e);
    }
  }

  private void readTemplates() {
    List<Template> found = new ArrayList<>();
    if (Files.isDirectory(templateFolder)) {
      try (DirectoryStream<Path> files =
          Files.newDirectoryStream(templateFolder, "*" + SUFFIX)) {
        for (Path file : files) {
          read(file).ifPresent(found::add);
        }
      } catch (IOException e) {
        LOG.log(System.Logger.Level.INFO, "templates not read from " + templateFolder, e);
      }
    }
    found.sort(Comparator.comparing(Template::name, String.CASE_INSENSITIVE_ORDER));
    fx.execute(() -> templates.setAll(found));
  }

  private static Optional<Template> read(Path file) {
    try {
      Topology part = TopologyJson.read(file);
      return Optional.of(new Template(part.name(), part, Optional.of(file)));
    } catch (TopologyFormatException e) {
      LOG.log(System.Logger.Level.INFO, "not a template: " + file, e);
      return Optional.empty();
    }
  }

  /**
   * Keeps a template, in place of the one with the same name. FX thread.
   *
   * @param failed is told, on the FX thread, why it could not be written
   */
  public void keep(String name, Topology part, Consumer<String> failed) {
    Topology named = part.withName(name);
    Optional<Path> before =
        templates.stream()
            .filter(template -> template.name().equals(name))
            .flatMap(template -> template.file().stream())
            .findFirst();
    io.execute(
        () -> {
          try {
            Files.createDirectories(templateFolder);
            TopologyJson.write(named, before.orElseGet(() -> unusedFile(name)));
          } catch (IOException e) {
            fx.execute(() -> failed.accept(e.getMessage()));
          }
          readTemplates();
        });
  }

  /** A file for a template of that name, which need not be a name of files. */
  private Path unusedFile(String name) {
    String stem = name.replaceAll("[^\\p{L}\\p{N}._-]+", "-");
    Path file = templateFolder.resolve(stem + SUFFIX);
    for (int number = 2; Files.exists(file); number++) {
      file = templateFolder.resolve(stem + "-" + number + SUFFIX);
    }
    return file;
  }

  /** Deletes one of the user's own templates. */
  public void remove(Template template, Consumer<String> failed) {
    io.execute(
        () -> {
          try {
            Files.deleteIfExists(template.file().orElseThrow());
          } catch (IOException e) {
            fx.execute(() -> failed.accept(e.getMessage()));
          }
          readTemplates();
        });
  }
}
