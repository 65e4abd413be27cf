// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.mobitopolo.image.disk.BadArchiveException;
import org.mobitopolo.image.disk.Contents;
import org.mobitopolo.image.disk.Ext4;
import org.mobitopolo.image.disk.FileTree;
import org.mobitopolo.image.disk.TarLayer;
import org.mobitopolo.task.LabException;
import org.mobitopolo.task.Task;

/**
 * A task's work: makes a guest image of a root file system in a tar file, or of an image for containers. When it fails or is cancelled nothing is
 * stored.
 */
public final class ImportImage implements Task.Work {
  private static final List<String> SHELLS = List.of("sh", "bash", "ash", "zsh", "dash");
  private static final int FREE_ROOM_MIB = 256;
  private static final int GRAIN_MIB = 64;
  private static final int COMMAND_SHOWN = 80;

  private final Path file;
  private final Options options;
  private final ImageStore store;
  private final ImageCatalogue catalogue;
  private final Path programs;
  private Image image;

  /**
   * What users may say.
   *
   * @param name of the image
   * @param memoryMiB RAM that its VMs need as a rule
   * @param sizeMiB of the disk; else as large as needed and some room
   * @param limitMiB what the contents may have at most
   * @param command run in place of the image's own; an empty list runs nothing
   */
  public record Options(String name, int memoryMiB, OptionalInt sizeMiB, int limitMiB, Optional<List<String>> command) {}

  /**
   * Imports this file.
   *
   * @param file tar file, also packed; archive or folder of an image for containers
   * @param programs the folder with what is put into guests
   */
  public ImportImage(Path file, Options options, ImageStore store, ImageCatalogue catalogue, Path programs) {
    this.file = file;
    this.options = options;
    this.store = store;
    this.catalogue = catalogue;
    this.programs = programs;
  }

  /** The image, after the work succeeded. */
  public Image image() {
    return image;
  }

  @Override
  public void run(Task.Progress progress) throws InterruptedException {
    ImageStore.requireFree(options.name(), catalogue);
    try (RootFileSystem root = new RootFileSystem(store, programs, (long) options.limitMiB() << 20)) {
      progress.phase("Reading " + file.getFileName() + ".");
      GuestCommand command = read(root.tree(), root.contents());
      if (root.tree().list("").isEmpty()) {
        throw new BadArchiveException("it is empty");
      }
      image = store(root, command, progress);
    } catch (InterruptedIOException e) {
      throw new InterruptedException(e.getMessage());
    } catch (BadArchiveException e) {
      throw new LabException.FilesUnusable(
          "No image can be made of " + file + ": " + e.getMessage() + ".", "Nothing was stored.", "See docs/images.md for what can be imported.", e);
    } catch (IOException e) {
      throw new LabException.FilesUnusable(
          "No image could be made of " + file + ": " + reason(e) + ".", "Nothing was stored.", "Check the file and the free disk space.", e);
    }
  }

  private GuestCommand read(FileTree tree, Contents contents) throws IOException, InterruptedException {
    if (Files.isDirectory(file)) {
      return unpack(OciImage.read(OciBlobs.of(file)), tree, contents);
    }
    FileTree archive = new FileTree();
    try (InputStream in = Unpacking.of(new Interruptible(Files.newInputStream(file)))) {
      new TarLayer(archive, contents, false).read(in);
    }
    if (OciImage.isArchive(archive)) {
      return unpack(OciImage.read(OciBlobs.of(archive, contents)), tree, contents);
    }
    tree.take(archive);
    return GuestCommand.NONE;
  }

  private static GuestCommand unpack(OciImage image, FileTree tree, Contents contents) throws IOException {
    image.unpack(tree, contents);
    return image.command(tree, contents);
  }

  private Image store(RootFileSystem root, GuestCommand command, Task.Progress progress) throws IOException, InterruptedException {
    GuestCommand wanted = options.command().map(command::withArgv).orElse(isShell(command) ? command.withArgv(List.of()) : command);
    Optional<String> init = root.ownInit();
    if (wanted.argv().size() == 1 && init.isPresent() && root.tree().resolve(wanted.argv().getFirst()).map(path -> "/" + path).equals(init)) {
      wanted = wanted.withArgv(List.of());
    } else if (options.command().isPresent() || !command.argv().isEmpty()) {
      // a container's own init, if it has one, was never meant to run
      init = Optional.empty();
    }
    int sizeMiB = options.sizeMiB().orElseGet(() -> (Ext4.smallestMiB(root.tree()) + FREE_ROOM_MIB + GRAIN_MIB - 1) / GRAIN_MIB * GRAIN_MIB);
    String origin = "Imported from " + file.getFileName() + ".";
    ImageStore.Label label = new ImageStore.Label(options.name(), description(init, wanted), options.memoryMiB(), origin, List.of());
    return root.store(label, sizeMiB, init, wanted, progress);
  }

  private static boolean isShell(GuestCommand command) {
    return command.argv().size() == 1 && SHELLS.contains(Path.of(command.argv().getFirst()).getFileName().toString());
  }

  private String description(Optional<String> init, GuestCommand command) {
    String runs = init.map(path -> "Its init is " + path + ".").orElse(command.argv().isEmpty() ? "Runs nothing by itself." : "Runs " + shown(command.argv()) + ".");
    return "Made of " + file.getFileName() + ". " + runs;
  }

  /** On one line, which is not long. */
  private static String shown(List<String> argv) {
    String line = String.join(" ", argv).replaceAll("\\s+", " ");
    return line.length() > COMMAND_SHOWN ? line.substring(0, COMMAND_SHOWN) + "..." : line;
  }

  private static String reason(IOException e) {
    return e instanceof java.nio.file.NoSuchFileException ? "it is not there" : String.valueOf(e.getMessage());
  }
}
