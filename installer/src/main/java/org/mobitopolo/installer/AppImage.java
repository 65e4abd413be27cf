// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.installer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Makes the application image: {@code AppImage DISTRIBUTION LEGAL ICONS VERSION OUT} leaves in OUT the folder {@code mobitopolo} ({@code Mobitopolo} on Windows,
 * {@code Mobitopolo.app} on macOS) with the program's launcher, a Java runtime of just what it needs, and what hosts get (agent, guest kernel, images).
 *
 * <p>JavaFX is linked into the runtime; the program and its libraries lie beside it on the class path, as some libraries are no modules. A program of Windows either has a
 * console or has none, so there are two launchers: {@code Mobitopolo.exe} for the window and {@code mobitopolo-cli.exe} for the command line.
 */
final class AppImage {
  private static final String MAIN_CLASS = "org.mobitopolo.app.Main";

  /** What the program and its libraries require, and what none requires, but they need: zip files as file systems, dates and numbers in the languages of the window. */
  private static final String MODULES =
      "java.desktop,java.logging,java.management,java.naming,java.net.http,java.prefs,java.xml,jdk.localedata,jdk.unsupported,jdk.unsupported.desktop,jdk.zipfs,"
          + "javafx.controls,javafx.swing";

  private static final String NATIVE_ACCESS = "--enable-native-access=";

  /** Not compressed: packages are, and compress better by themselves, and the program starts faster. */
  private static final String LINK_OPTIONS = "--strip-debug --no-header-files --no-man-pages --include-locales=en,ja";

  private static final List<String> CONTENT = List.of("host", "images", "guest", "samples", "bench");

  private AppImage() {}

  public static void main(String[] arguments) throws IOException {
    Path distribution = Path.of(arguments[0]);
    Path legal = Path.of(arguments[1]);
    Path icons = Path.of(arguments[2]);
    String version = arguments[3];
    Path out = Path.of(arguments[4]);

    Folders.delete(out);
    Path work = Files.createDirectories(out.resolve("work"));
    Path input = Files.createDirectories(work.resolve("input"));
    ModulePath modules = ModulePath.of(distribution.resolve("lib"), work.resolve("modules"), input);
    for (String part : CONTENT) {
      Folders.copy(distribution.resolve(part), input.resolve(part));
    }
    Folders.copy(legal, input.resolve("legal"));

    boolean windows = isSystem("windows");
    boolean mac = isSystem("mac");
    List<String> command =
        new ArrayList<>(
            List.of(
                "--type", "app-image",
                "--name", windows || mac ? "Mobitopolo" : "mobitopolo",
                "--app-version", packageVersion(version, mac),
                "--vendor", "Mobitopolo",
                "--copyright", "Apache License 2.0",
                "--description", "Networks of virtual Linux machines that migrate live",
                "--module-path", modules.folder().toString(),
                "--add-modules", MODULES,
                "--jlink-options", LINK_OPTIONS,
                "--input", input.toString(),
                "--main-jar", "mobitopolo-app-" + version + ".jar",
                "--main-class", MAIN_CLASS,
                "--java-options", "-Dmobitopolo.home=$APPDIR",
                "--icon", icons.resolve(windows ? "mobitopolo.ico" : mac ? "mobitopolo.icns" : "256.png").toString(),
                "--dest", out.toString()));
    for (String option : Files.readAllLines(distribution.resolve("lib/java-options"))) {
      // on the class path all that is not JavaFX is one unnamed module
      command.addAll(List.of("--java-options", option.startsWith(NATIVE_ACCESS) ? NATIVE_ACCESS + "javafx.graphics,ALL-UNNAMED" : option));
    }
    if (windows) {
      Path console = Files.writeString(work.resolve("cli.properties"), "win-console=true\nwin-menu=false\nwin-shortcut=false\n");
      command.addAll(List.of("--add-launcher", "mobitopolo-cli=" + console));
    }
    if (mac) {
      command.addAll(List.of("--mac-package-identifier", "org.mobitopolo"));
    }
    ModulePath.run("jpackage", command.toArray(String[]::new));
    Folders.delete(work);
  }

  /** jpackage takes no version for macOS that begins with 0: 0.1.0 is 1.1.0 there. What the program says of itself stays 0.1.0. */
  static String packageVersion(String version, boolean mac) {
    return mac && version.startsWith("0.") ? "1." + version.substring(2) : version;
  }

  private static boolean isSystem(String name) {
    return System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith(name);
  }
}
