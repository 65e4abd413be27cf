// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;

/** Images of packages for tests. They take minutes to build, so what was built of a template is kept in the account's cache until the template changes. */
final class BuiltImages {

  private static final Path TEMPLATES = Path.of("../backend/src/main/resources/org/mobitopolo/image");
  private static final Path CACHE = Path.of(System.getProperty("user.home"), ".cache/mobitopolo");
  private static final Duration PATIENCE = Duration.ofMinutes(20);

  private BuiltImages() {}

  /** Lets the program with this home have that image of its own. */
  static void provide(Program program, Path home, String name) throws IOException, InterruptedException, NoSuchAlgorithmException {
    provide(program, home, name, name, Files.readAllBytes(TEMPLATES.resolve(name + ".json")));
  }

  /** Lets the program with this home have an image of that template, which is a file. */
  static void provide(Program program, Path home, Path template) throws IOException, InterruptedException, NoSuchAlgorithmException {
    String name = template.getFileName().toString().replace(".json", "");
    provide(program, home, name, template.toString(), Files.readAllBytes(template));
  }

  private static void provide(Program program, Path home, String name, String argument, byte[] template)
      throws IOException, InterruptedException, NoSuchAlgorithmException {
    String hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(template));
    link(home.resolve(".local/share/mobitopolo/guest-images"), CACHE.resolve("test-images").resolve(hash));
    link(home.resolve(".cache/mobitopolo/packages"), CACHE.resolve("packages"));
    if (program.run("image", "show", name, "--json").status() != 0) {
      program.run(PATIENCE, "image", "build", argument).expect(0);
    }
  }

  private static void link(Path link, Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.createDirectories(link.getParent());
    Files.createSymbolicLink(link, folder);
  }
}
