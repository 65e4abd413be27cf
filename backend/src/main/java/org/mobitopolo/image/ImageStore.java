// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import org.mobitopolo.task.LabException;
import org.mobitopolo.task.Task;
import org.mobitopolo.task.TaskState.Unit;

/** The user's own images: one folder, in which each has the name of its hash. */
public final class ImageStore {
  private static final int BLOCK = 1 << 20;
  private static final int LEVEL = 9;

  private final Path folder;

  /** The store in that folder, which is made when something is put there. */
  public ImageStore(Path folder) {
    this.folder = folder;
  }

  /**
   * What is known of an image before it is stored.
   *
   * @param origin what it was made of, one sentence
   * @param packages what is installed in it, {@code name version}
   */
  public record Label(String name, String description, int memoryMiB, String origin, List<String> packages) {}

  /** The folder, made if need be. */
  public Path folder() throws IOException {
    return Files.createDirectories(folder);
  }

  /**
   * Compresses and stores a raw image. Interrupting the thread ends it, and nothing is stored.
   *
   * @param raw the image, which is left alone
   * @throws IOException if it can't be read or stored
   */
  public Image add(Path raw, Label label, Task.Progress progress) throws IOException, InterruptedException {
    Path packed = Files.createTempFile(folder(), ".image-", "");
    try {
      long size = Files.size(raw);
      String sha256 = pack(raw, packed, size, progress);
      Path compressed = folder.resolve(sha256 + ImageDescription.IMAGE_SUFFIX);
      Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
      Image image =
          new Image(label.name(), sha256, size, label.description(), label.memoryMiB(), compressed, label.origin(), now, label.packages());
      Files.move(packed, compressed, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      Path description = Files.createTempFile(folder, ".image-", "");
      Files.write(description, ImageDescription.write(image));
      Files.move(description, description(image), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      return image;
    } finally {
      Files.deleteIfExists(packed);
    }
  }

  private static String pack(Path raw, Path packed, long size, Task.Progress progress) throws IOException, InterruptedException {
    MessageDigest digest = sha256();
    try (InputStream in = Files.newInputStream(raw);
        ZstdOutputStream out = new ZstdOutputStream(new BufferedOutputStream(Files.newOutputStream(packed), BLOCK), LEVEL)) {
      out.setWorkers(Math.min(4, Runtime.getRuntime().availableProcessors()));
      out.setChecksum(true);
      byte[] block = new byte[BLOCK];
      long done = 0;
      for (int count = in.read(block); count >= 0; count = in.read(block)) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        digest.update(block, 0, count);
        out.write(block, 0, count);
        done += count;
        progress.amount(done, size, Unit.BYTES);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * Deletes an image. VMs that were made of it go on, as their hosts have it; it can't be put on further hosts.
   *
   * @throws LabException.NotPossible if it came with the program
   */
  public void delete(Image image) throws IOException {
    if (image.bundled()) {
      throw new LabException.NotPossible("The image " + image.name() + " came with the program, so it can't be deleted.", "", "");
    }
    // first what makes it known
    Files.deleteIfExists(description(image));
    Files.deleteIfExists(image.compressed());
  }

  private Path description(Image image) {
    return folder.resolve(image.sha256() + ImageDescription.SUFFIX);
  }

  /**
   * Checks that an image is what its name says.
   *
   * @throws LabException.FilesUnusable if it was damaged since
   */
  public static void verify(Image image) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream in = new ZstdInputStream(Files.newInputStream(image.compressed()))) {
      byte[] block = new byte[BLOCK];
      for (int count = in.read(block); count >= 0; count = in.read(block)) {
        digest.update(block, 0, count);
      }
    } catch (ZstdIOException e) {
      throw damaged(image, e);
    }
    if (!HexFormat.of().formatHex(digest.digest()).equals(image.sha256())) {
      throw damaged(image, null);
    }
  }

  static LabException damaged(Image image, Exception cause) {
    return new LabException.FilesUnusable(
        "The image " + image.name() + " in " + image.compressed() + " is damaged: its contents are not those of its hash.",
        "",
        image.bundled() ? "Install Mobitopolo again." : "Delete it, and build or import it again.",
        cause);
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /**
   * Checks that an image of the user's own may have a name; one that is there already is found by its hash from then on.
   *
   * @throws LabException.NotPossible if not
   */
  public static void requireFree(String name, ImageCatalogue catalogue) {
    if (!ImageDescription.isName(name)) {
      throw new LabException.NotPossible(
          "\"" + name + "\" can't be the name of an image.", "Nothing was made.", "Use letters, digits, dots, hyphens and underscores.");
    }
    catalogue
        .find(name)
        .filter(Image::bundled)
        .ifPresent(
            image -> {
              throw new LabException.NotPossible("The image " + name + " comes with the program.", "Nothing was made.", "Choose another name.");
            });
  }
}
