// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.interchange;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/**
 * Reads labs of other programs.
 *
 * <p>Importing the same file again gives the same ids, so that applying the result a second time
 * changes the lab that runs instead of making another one.
 */
public final class LabImport {

  private LabImport() {}

  /**
   * Reads a lab; does I/O.
   *
   * @param file the lab's file; for Kathará its folder or {@code lab.conf}
   * @param wanted the format; empty to tell it by the file's name
   * @throws ImportException when nothing can be made of the file
   */
  public static Imported read(Path file, Optional<Format> wanted) throws ImportException {
    if (!Files.exists(file)) {
      throw new ImportException("There is no file " + file + ".");
    }
    Format format = wanted.or(() -> Format.ofName(file)).orElseThrow(() -> unknown(file));
    Path absolute = file.toAbsolutePath().normalize();
    Draft draft = new Draft(format, file, labId(format, absolute));
    switch (format) {
      case CONTAINERLAB -> ContainerlabImport.read(file, draft);
      case GNS3 -> Gns3Import.read(file, draft);
      case GRAPHML -> GeographicImport.read(GraphmlReader.read(file), draft);
      case GML -> GeographicImport.read(GmlReader.read(file), draft);
      case CORE -> CoreImport.read(file, draft);
      case KATHARA -> KatharaImport.read(file, draft);
    }
    return draft.finish();
  }

  private static String labId(Format format, Path file) {
    return UUID.nameUUIDFromBytes((format.key() + ":" + file).getBytes(StandardCharsets.UTF_8))
        .toString();
  }

  private static ImportException unknown(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return new ImportException(
        name.endsWith(".imn")
            ? file
                + " is in the old format of CORE and IMUNES, which is not read here. Open it in CORE"
                + " and save it as .xml."
            : "The name of "
                + file
                + " does not tell its format. Say which one it is: "
                + Format.keys()
                + ".");
  }
}
