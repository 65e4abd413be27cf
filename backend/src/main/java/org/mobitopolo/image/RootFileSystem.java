// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.mobitopolo.image.disk.Contents;
import org.mobitopolo.image.disk.Ext4;
import org.mobitopolo.image.disk.FileTree;
import org.mobitopolo.image.disk.TarLayer;
import org.mobitopolo.task.Task;

/** A root file system that becomes an image. Not thread-safe. */
public final class RootFileSystem implements AutoCloseable {
  private final ImageStore store;
  private final Path programs;
  private final FileTree tree = new FileTree();
  private final Contents contents;

  /**
   * An empty one.
   *
   * @param store where the image comes to, and temporary files meanwhile
   * @param programs the folder with what is put into guests
   * @param limit bytes that its files may have together
   */
  public RootFileSystem(ImageStore store, Path programs, long limit) throws IOException {
    this.store = store;
    this.programs = programs;
    this.contents = new Contents(store.folder(), limit);
  }

  public FileTree tree() {
    return tree;
  }

  public Contents contents() {
    return contents;
  }

  /** Reads tar files into it. */
  public TarLayer layer() {
    return new TarLayer(tree, contents, false);
  }

  /** Its own init, as a path in it, if it has one. */
  Optional<String> ownInit() {
    return boot().ownInit();
  }

  /**
   * Makes it boot, with its own init if it has one, writes and stores it.
   *
   * @param sizeMiB of the disk
   */
  public Image store(ImageStore.Label label, int sizeMiB, Task.Progress progress) throws IOException, InterruptedException {
    return store(label, sizeMiB, ownInit(), GuestCommand.NONE, progress);
  }

  Image store(ImageStore.Label label, int sizeMiB, Optional<String> init, GuestCommand command, Task.Progress progress)
      throws IOException, InterruptedException {
    boot().install(label.name(), init, command);
    Path raw = Files.createTempFile(store.folder(), ".raw-", "");
    try {
      progress.phase("Writing the file system.");
      Ext4.write(tree, contents, raw, label.name(), sizeMiB);
      progress.phase("Packing the image.");
      return store.add(raw, label, progress);
    } finally {
      Files.deleteIfExists(raw);
    }
  }

  private GuestBoot boot() {
    return new GuestBoot(tree, contents, programs);
  }

  @Override
  public void close() throws IOException {
    contents.close();
  }
}
