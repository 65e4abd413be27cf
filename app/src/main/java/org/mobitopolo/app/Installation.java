// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app;

import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.mobitopolo.host.NativeParts;

/**
 * The folder this program was started from: {@code bin/}, {@code lib/}, {@code host/}, {@code images/}, {@code guest/}, {@code samples/}, {@code bench/}.
 *
 * @param home absolute
 */
public record Installation(Path home) {

  /** The system property that the launcher sets. */
  public static final String HOME_PROPERTY = "mobitopolo.home";

  private static final String SUFFIX = ".json";

  /**
   * Finds the installation by what the launcher says.
   *
   * @throws IllegalStateException with a sentence, when the program was not started by its launcher
   */
  public static Installation locate() {
    String home = System.getProperty(HOME_PROPERTY);
    if (home == null || !Files.isDirectory(Path.of(home, "host"))) {
      throw new IllegalStateException(
          "Mobitopolo does not find its own files"
              + (home == null ? "" : " in " + home)
              + ". Start it with bin/mobitopolo of its installation.");
    }
    return new Installation(Path.of(home).toAbsolutePath());
  }

  /** What is uploaded to hosts, the user's own images included. */
  public NativeParts nativeParts(UserFolders folders) {
    return new NativeParts(
        home.resolve("host/linux"), home.resolve("host/mobihost"), List.of(home.resolve("images"), folders.images()));
  }

  /** What is put into root file systems that become images: {@code busybox}, {@code guestd}, {@code init}. */
  public Path guestPrograms() {
    return home.resolve("guest");
  }

  /** The lab that the demo runs and that newcomers see first. */
  public Path sampleLab() {
    return sample("decoupled-file-server");
  }

  /** The sample lab of this name. */
  public Path sample(String name) {
    return home.resolve("samples").resolve(name + SUFFIX);
  }

  /** All sample labs by name, {@link #sampleLab} first. */
  public Map<String, Path> samples() throws IOException {
    Map<String, Path> samples = new LinkedHashMap<>();
    samples.put(sampleName(sampleLab()), sampleLab());
    try (Stream<Path> files = Files.list(home.resolve("samples"))) {
      files
          .filter(file -> file.toString().endsWith(SUFFIX))
          .sorted()
          .forEach(file -> samples.put(sampleName(file), file));
    }
    return samples;
  }

  /** Whether a file belongs to the installation, so that work on it is to be saved elsewhere. */
  public boolean isSample(Path file) {
    return home.resolve("samples").equals(file.getParent());
  }

  private static String sampleName(Path file) {
    String name = file.getFileName().toString();
    return name.substring(0, name.length() - SUFFIX.length());
  }

  /**
   * A program that measures, inside guests (built from {@code backend/image/probe}) or on this computer (from {@code
   * backend/host/bench}).
   */
  public Path benchProgram(String name) {
    return home.resolve("bench").resolve(name);
  }

  /** Version of the program, such as {@code 0.1.0}. */
  public String version() {
    return Optional.ofNullable(Installation.class.getModule().getDescriptor())
        .flatMap(ModuleDescriptor::rawVersion)
        .or(() -> Optional.ofNullable(Installation.class.getPackage().getImplementationVersion()))
        .orElse("of a development tree");
  }
}
