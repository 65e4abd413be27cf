// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import org.mobitopolo.image.disk.Contents;
import org.mobitopolo.image.disk.FileTree;
import org.mobitopolo.image.disk.Inode;

/** The files of an OCI image layout, be it a folder or an archive. */
interface OciBlobs {

  /** The bytes of a file; empty when it is not there. */
  Optional<InputStream> open(String path) throws IOException;

  /** Those of a folder. The caller has made sure that the path stays below it. */
  static OciBlobs of(Path folder) {
    return path -> {
      Path file = folder.resolve(path);
      return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) ? Optional.of(Files.newInputStream(file)) : Optional.empty();
    };
  }

  /** Those of an archive that was read into a tree. */
  static OciBlobs of(FileTree archive, Contents contents) {
    return path -> archive.lookup(path).filter(Inode::isFile).map(file -> contents.open(file.content()));
  }
}
