// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;

/**
 * Puts the module descriptor into a module's jar: {@code ModuleDescriptor JAR CLASSES TIME}. Maven's jar plugin can't, as it reads it with the Java that
 * Maven itself runs on, which may be too old for it. A jar that has it already is left as it is, so that what depends on it is not compiled again.
 */
final class ModuleDescriptor {
  private static final String NAME = "module-info.class";

  public static void main(String[] arguments) throws IOException {
    Path jar = Path.of(arguments[0]);
    byte[] descriptor = Files.readAllBytes(Path.of(arguments[1], NAME));
    FileTime time = FileTime.from(Instant.parse(arguments[2]));
    if (present(jar, descriptor)) {
      return;
    }
    try (FileSystem inside = FileSystems.newFileSystem(URI.create("jar:" + jar.toUri()), Map.of())) {
      Files.write(inside.getPath(NAME), descriptor);
      Files.setLastModifiedTime(inside.getPath(NAME), time);
    }
  }

  private static boolean present(Path jar, byte[] descriptor) throws IOException {
    try (FileSystem inside = FileSystems.newFileSystem(jar)) {
      Path entry = inside.getPath(NAME);
      return Files.exists(entry) && Arrays.equals(Files.readAllBytes(entry), descriptor);
    }
  }
}
