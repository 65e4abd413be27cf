// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.mobitopolo.host.Agent;
import org.mobitopolo.host.ImageFetch;
import org.mobitopolo.host.PieceSource;
import org.mobitopolo.image.Image;
import org.mobitopolo.image.UnpackedImage;
import org.mobitopolo.task.LabException;

/**
 * Begins to bring an image of this program's to a host before a lab is opened whose VMs use it there; {@link Lab} goes on with it. Ends when the image is whole or this is
 * closed; the host keeps what has come.
 */
public final class BackgroundFetch implements AutoCloseable {
  private final ImageFetch transfer;
  private final String list;

  private BackgroundFetch(ImageFetch transfer, String list) {
    this.transfer = transfer;
    this.list = list;
  }

  /** Whether an image is so large, and the host so far, that VMs are to run before all of it is there. */
  public static boolean worthwhile(Image image, Agent target) {
    return ImageFetches.worthwhile(image, target);
  }

  /**
   * Begins, and waits until VMs may use the image.
   *
   * @throws LabException if it can't be brought
   */
  public static BackgroundFetch begin(Agent target, Image image) throws InterruptedException {
    PieceSource source = unpack(image);
    boolean begun = false;
    ImageFetch transfer = null;
    try {
      transfer = target.fetchImage(image.sha256());
      CompletableFuture<Void> usable = new CompletableFuture<>();
      ImageFetch running = transfer;
      Thread.ofVirtual().name("image " + image.name() + " for " + target.url().displayName()).start(() -> run(running, source, usable));
      begun = true;
      usable.get();
      return new BackgroundFetch(transfer, source.name());
    } catch (ExecutionException e) {
      throw e.getCause() instanceof LabException known ? known : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      if (transfer != null) {
        transfer.close();
      }
      throw e;
    } finally {
      if (!begun) {
        source.close();
      }
    }
  }

  private static PieceSource unpack(Image image) throws InterruptedException {
    try {
      UnpackedImage unpacked = UnpackedImage.of(image, PieceSource.PIECE);
      return new LocalPieces(unpacked, () -> close(unpacked));
    } catch (IOException e) {
      throw ImageFetches.notUnpacked(image, e);
    }
  }

  private static void close(UnpackedImage image) {
    try {
      image.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void run(ImageFetch transfer, PieceSource source, CompletableFuture<Void> usable) {
    try (source;
        transfer) {
      transfer.run(source, missing -> usable.complete(null));
      usable.complete(null);
    } catch (LabException e) {
      // later than that whoever opens the lab goes on with it, and tells
      usable.completeExceptionally(e);
    } catch (InterruptedException e) {
      usable.completeExceptionally(new LabException.Cancelled("Cancelled.", ""));
    }
  }

  /** Names the list by which it comes, for the configurations of VMs. */
  public String list() {
    return list;
  }

  @Override
  public void close() {
    transfer.close();
  }
}
