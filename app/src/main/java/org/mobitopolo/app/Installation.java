// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app;

import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.mobitopolo.host.NativeParts;

/**
 * The folder this program was started from: {@code bin/}, {@code lib/}, {@code host/}, {@code images/}, {@code samples/}, {@code bench/}.
 *
 * @param home absolute
 */
public record Installation(Path home) {

  /** The system property that the launcher sets. */
  public static final String HOME_PROPERTY = "mobitopolo.home";

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

  /** What is uploaded to hosts. */
  public NativeParts nativeParts() {
    return new NativeParts(home.resolve("host/linux"), home.resolve("host/mobihost"), home.resolve("images"));
  }

  /** The lab that the demo runs and that newcomers see first. */
  public Path sampleLab() {
    return home.resolve("samples/decoupled-file-server.json");
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
        .orElse("of a development tree");
  }
}
