// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.installer;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.module.ModuleFinder;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * Divides a folder of jars into the modules that are linked into the runtime, which are JavaFX's, and those that lie beside it.
 *
 * <p>JavaFX's jars carry their native libraries as resources, which an unlinked JavaFX unpacks into the user's home folder at its first start. Here they become
 * {@code .jmod} files, so that the libraries lie in the runtime: nothing is unpacked, and packagers see what they depend on. The zstd library's jar has
 * libraries for two dozen platforms, of which the one that is needed is kept. Everything else stays as it is: some libraries have no module descriptor and can't be linked.
 */
final class ModulePath {
  private static final String ZSTD = "com.github.luben.zstd_jni";

  private final Path folder;

  private ModulePath(Path folder) {
    this.folder = folder;
  }

  /** Divides the jars: {@code .jmod} files into the folder {@code modules}, jars into the folder {@code rest}. */
  static ModulePath of(Path jars, Path modules, Path rest) throws IOException {
    ModulePath linked = new ModulePath(Files.createDirectories(modules));
    for (Path jar : list(jars)) {
      if (!jar.toString().endsWith(".jar")) {
        continue;
      }
      String name = ModuleFinder.of(jar).findAll().iterator().next().descriptor().name();
      if (name.startsWith("javafx.")) {
        // one that is empty stands for the jar of the platform, which lies beside it
        if (!name.endsWith("Empty")) {
          linked.splitNatives(jar, name);
        }
      } else {
        Path copy = Files.copy(jar, rest.resolve(jar.getFileName()));
        if (name.equals(ZSTD)) {
          pruneNatives(copy);
        }
      }
    }
    return linked;
  }

  Path folder() {
    return folder;
  }

  private void splitNatives(Path jar, String name) throws IOException {
    Path work = Files.createTempDirectory(folder.toAbsolutePath().getParent(), name);
    Path classes = Files.createDirectories(work.resolve("classes"));
    Path libraries = Files.createDirectories(work.resolve("libraries"));
    try (FileSystem inside = FileSystems.newFileSystem(jar)) {
      Path root = inside.getPath("/");
      try (Stream<Path> entries = Files.walk(root)) {
        entries.filter(Files::isRegularFile).forEach(entry -> copy(entry, root, isNative(entry) ? libraries : classes));
      }
    }
    run("jmod", "create", "--class-path", classes.toString(), "--libs", libraries.toString(), folder.resolve(name + ".jmod").toString());
    Folders.delete(work);
  }

  private static boolean isNative(Path entry) {
    String name = entry.toString();
    return name.endsWith(".so") || name.endsWith(".dll") || name.endsWith(".dylib");
  }

  private static void copy(Path entry, Path root, Path target) {
    try {
      Path copy = target.resolve(root.relativize(entry).toString());
      Files.createDirectories(copy.getParent());
      Files.copy(entry, copy);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void pruneNatives(Path jar) throws IOException {
    String wanted = platformOfZstd();
    try (FileSystem inside = FileSystems.newFileSystem(jar)) {
      List<Path> entries;
      try (Stream<Path> all = Files.walk(inside.getPath("/"))) {
        entries = all.filter(Files::isRegularFile).filter(ModulePath::isNative).toList();
      }
      if (entries.stream().noneMatch(entry -> entry.startsWith(wanted))) {
        throw new IOException("The zstd library has no native library for " + wanted + "; no runtime can be linked on this system.");
      }
      for (Path entry : entries) {
        if (!entry.startsWith(wanted)) {
          Files.delete(entry);
        }
      }
    }
  }

  private static String platformOfZstd() {
    boolean arm = System.getProperty("os.arch").equals("aarch64");
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    if (system.startsWith("windows")) {
      return arm ? "/win/aarch64" : "/win/amd64";
    }
    if (system.startsWith("mac")) {
      return arm ? "/darwin/aarch64" : "/darwin/x86_64";
    }
    return arm ? "/linux/aarch64" : "/linux/amd64";
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  /** Runs a tool of the JDK; its output is this program's. */
  static void run(String tool, String... arguments) throws IOException {
    ToolProvider provider =
        ToolProvider.findFirst(tool).orElseThrow(() -> new IOException("This Java has no " + tool + "; build with a whole JDK."));
    int status = provider.run(new PrintStream(System.out, true), System.err, arguments);
    if (status != 0) {
      throw new IOException(tool + " ended with status " + status + "; see above.");
    }
  }
}
