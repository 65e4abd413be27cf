// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.mobitopolo.image.ImportImage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code image import}. */
@Command(
    name = "import",
    description =
        "Make an image of a root file system in a tar file, or of an image for containers: an OCI"
            + " image layout (folder or archive), or what docker save writes. Needs no root.")
final class ImageImportCommand extends ImageMaking {

  @Parameters(
      index = "0",
      paramLabel = "FILE",
      description = "The tar file, as it is or packed with gzip or zstd, or the folder.")
  private Path file;

  @Parameters(
      index = "1..*",
      paramLabel = "COMMAND",
      description =
          "After --: what its guests run by themselves once their network is set up, in place of"
              + " the image's own init or command.")
  private List<String> command = List.of();

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Name of the image; without it, that of the file.")
  private String name;

  @Option(
      names = "--memory",
      paramLabel = "MIB",
      defaultValue = "128",
      description = "What its VMs need as a rule (default: ${DEFAULT-VALUE}).")
  private int memory;

  @Option(
      names = "--size",
      paramLabel = "MIB",
      description = "Size of the disk; without it, what is in it and some room.")
  private Integer size;

  @Option(
      names = "--limit",
      paramLabel = "MIB",
      defaultValue = "16384",
      description = "What may be in it at most (default: ${DEFAULT-VALUE}).")
  private int limit;

  @Option(names = "--no-command", description = "Let its guests run nothing by themselves.")
  private boolean noCommand;

  ImageImportCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run(Session session) throws Exception {
    if (memory < 16 || limit < 1 || size != null && size < 64) {
      throw new CliException("--memory is at least 16, --size at least 64, --limit at least 1.");
    }
    Optional<List<String>> wanted =
        noCommand || !command.isEmpty() ? Optional.of(command) : Optional.empty();
    ImportImage.Options options =
        new ImportImage.Options(
            name == null ? stem() : name,
            memory,
            size == null ? OptionalInt.empty() : OptionalInt.of(size),
            limit,
            wanted);
    ImportImage work =
        new ImportImage(
            file,
            options,
            ImageCommand.store(surroundings()),
            ImageCommand.catalogue(surroundings()),
            surroundings().installation().guestPrograms());
    return make(session, "Import " + file.getFileName(), work, work::image);
  }

  private String stem() {
    return String.valueOf(file.toAbsolutePath().normalize().getFileName())
        .replaceFirst("\\.(tar|tgz|oci|docker)?(\\.(gz|zst|tar))?$", "");
  }
}
