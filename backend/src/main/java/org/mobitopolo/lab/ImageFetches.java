// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.mobitopolo.host.Agent;
import org.mobitopolo.host.ImageFetch;
import org.mobitopolo.host.PieceSource;
import org.mobitopolo.image.Image;
import org.mobitopolo.image.ImageCatalogue;
import org.mobitopolo.image.UnpackedImage;
import org.mobitopolo.lab.BaseImage.Coming;
import org.mobitopolo.task.LabException;
import org.mobitopolo.task.Task;
import org.mobitopolo.task.TaskState.Unit;
import org.mobitopolo.task.Tasks;
import org.mobitopolo.topology.HostUrl;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Images that hosts get piece by piece while VMs of a lab run there already: each is a task of its own. What was cut off, by this program's end too, goes on when the host is
 * connected again. An image that this program has comes from here, any other from a host that has it. Thread-safe.
 */
final class ImageFetches implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ImageFetches.class);

  /** Packed bytes of an image below which it is on a host before it would pay. */
  private static final long WORTHWHILE = 8L << 20;

  private static final long RETRY_NANOS = 10_000_000_000L;

  /** After a user's word only a start of a VM, or the next contact, begins anew. */
  private static final long NEVER_NANOS = Long.MAX_VALUE / 4;

  private final LabModel model;
  private final Supplier<ImageCatalogue> images;
  private final Tasks tasks;
  private final Map<ImageOnHost, Fetch> fetches = new HashMap<>();
  private final Map<ImageOnHost, Long> retryAt = new HashMap<>();
  private final Map<String, Unpacked> unpacked = new HashMap<>();

  /** An image that is on its way. The future tells the name of the list by which it comes, once VMs may use it. */
  private record Fetch(Task task, CompletableFuture<String> usable) {}

  /** An image of this program's, unpacked for all hosts that fetch it just now. */
  private static final class Unpacked {
    private UnpackedImage image;
    private int users;
  }

  ImageFetches(LabModel model, Supplier<ImageCatalogue> images, Tasks tasks) {
    this.model = model;
    this.images = images;
    this.tasks = tasks;
  }

  /** Whether an image of this program's is so large, and a host so far, that VMs are to run before all of it is there. */
  static boolean worthwhile(Image image, Agent target) {
    return !(target.url() instanceof HostUrl.Local) && image.compressed().toFile().length() >= WORTHWHILE;
  }

  /** The same for an image that another host has, by what it takes of that host's disk. */
  static boolean worthwhile(Agent holder, String sha256) throws InterruptedException {
    return holder.storedImage(sha256).orElse(0) >= 2 * WORTHWHILE;
  }

  /**
   * Begins to fetch an image, unless that is under way, and waits until VMs may use it.
   *
   * @param holder has the image; not asked if this program has it
   * @return names the list by which it comes, for the configurations of VMs
   * @throws LabException if it can't be fetched
   */
  String provide(Agent target, String sha256, Optional<Agent> holder) throws InterruptedException {
    try {
      return begin(target, sha256, holder).usable().get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof LabException known ? known : new IllegalStateException(e.getCause());
    }
  }

  /** The fetches that are under way. */
  synchronized List<Task> tasks() {
    return fetches.values().stream().map(Fetch::task).toList();
  }

  /** Goes on with images of which something misses. Returns at once, with what still asks hosts whether they have them. */
  List<Thread> review() {
    List<Thread> asking = new ArrayList<>();
    for (InstanceFact instance : model.instances()) {
      Optional<BaseImage> base = instance.base().filter(image -> image.coming().isPresent());
      Optional<Agent> agent = model.agentNow(instance.host()).filter(ignored -> model.connected(instance.host()));
      if (base.isPresent() && agent.isPresent() && due(new ImageOnHost(instance.host(), base.get().sha256()))) {
        asking.add(Thread.ofVirtual().name("image for " + instance.node()).start(() -> goOn(agent.get(), base.get().sha256())));
      }
    }
    return asking;
  }

  private synchronized boolean due(ImageOnHost image) {
    long now = System.nanoTime();
    if (fetches.containsKey(image) || retryAt.containsKey(image) && retryAt.get(image) - now > 0) {
      return false;
    }
    retryAt.put(image, now + RETRY_NANOS);
    return true;
  }

  private void goOn(Agent target, String sha256) {
    try {
      Optional<Agent> holder = holder(target, sha256);
      if (holder.isPresent() || images.get().find(sha256).isPresent()) {
        begin(target, sha256, holder);
      } else {
        LOG.warn("nobody has the image {}, of which something misses on {}", sha256, target.url());
      }
    } catch (LabException e) {
      LOG.warn("the image {} is not fetched to {}: {}", sha256, target.url(), e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Another host that has the image; empty if there is none, or this program has it. */
  Optional<Agent> holder(Agent target, String sha256) throws InterruptedException {
    if (images.get().find(sha256).isPresent()) {
      return Optional.empty();
    }
    for (HostUrl host : model.hostUrls()) {
      Optional<Agent> agent = model.agentNow(host).filter(other -> !other.url().equals(target.url()));
      if (agent.isPresent() && agent.get().holdsImage(sha256)) {
        return agent;
      }
    }
    return Optional.empty();
  }

  private synchronized Fetch begin(Agent target, String sha256, Optional<Agent> holder) {
    return fetches.computeIfAbsent(
        new ImageOnHost(target.url(), sha256),
        image -> {
          CompletableFuture<String> usable = new CompletableFuture<>();
          String name = images.get().find(sha256).map(Image::name).orElse(sha256.substring(0, 12));
          Task task = tasks.run("Fetch image " + name + " to " + target.url().displayName(), progress -> fetch(image, target, holder, usable, progress));
          return new Fetch(task, usable);
        });
  }

  private void fetch(ImageOnHost image, Agent target, Optional<Agent> holder, CompletableFuture<String> usable, Task.Progress progress) throws InterruptedException {
    LabException failure = new LabException.Cancelled("Fetching an image to " + target.url().displayName() + " was cancelled.", "VMs that need more of it wait.");
    try {
      progress.phase("Reading the image.");
      try (PieceSource source = source(image.sha256(), holder);
          ImageFetch transfer = target.fetchImage(image.sha256())) {
        progress.onCancel(transfer::close);
        String list = source.name();
        transfer.run(
            source,
            missing -> {
              tell(image, source.bytes(), missing, progress);
              usable.complete(list);
            });
        usable.complete(list);
      }
      refresh(image, target);
    } catch (LabException e) {
      failure = e;
      throw e;
    } finally {
      usable.completeExceptionally(failure);
      ended(image, progress.cancelled() ? NEVER_NANOS : RETRY_NANOS);
    }
  }

  private void tell(ImageOnHost image, long bytes, long missing, Task.Progress progress) {
    Coming coming = new Coming(bytes, Math.min(bytes, missing), false, true);
    progress.phase("VMs run already. " + coming.amount() + " are there.");
    progress.amount(bytes - coming.missing(), bytes, Unit.BYTES);
    model.coming(image, coming);
  }

  private void ended(ImageOnHost image, long pauseNanos) {
    synchronized (this) {
      fetches.remove(image);
      retryAt.put(image, System.nanoTime() + pauseNanos);
    }
    model.noLongerComing(image);
  }

  /** VMs whose last report says that something misses. */
  private void refresh(ImageOnHost image, Agent target) throws InterruptedException {
    for (InstanceFact instance : model.instances()) {
      if (instance.host().equals(image.host()) && instance.base().filter(base -> base.sha256().equals(image.sha256())).isPresent()) {
        try {
          LabActions.refresh(model, target, instance.instance());
        } catch (LabException e) {
          LOG.debug("{} is gone, or its host: {}", instance.node(), e.getMessage());
        }
      }
    }
  }

  private PieceSource source(String sha256, Optional<Agent> holder) throws InterruptedException {
    Optional<Image> own = images.get().find(sha256);
    if (own.isPresent()) {
      UnpackedImage image = unpack(own.get());
      return new LocalPieces(image, () -> release(sha256));
    }
    return holder
        .orElseThrow(() -> new LabException.NotPossible("There is no image " + sha256.substring(0, 12) + " on this computer.", "", "Import it, or build it."))
        .pieces(sha256);
  }

  private UnpackedImage unpack(Image image) throws InterruptedException {
    Unpacked shared;
    synchronized (this) {
      shared = unpacked.computeIfAbsent(image.sha256(), hash -> new Unpacked());
      shared.users++;
    }
    boolean done = false;
    try {
      // whoever comes second waits for the first
      synchronized (shared) {
        if (shared.image == null) {
          shared.image = UnpackedImage.of(image, PieceSource.PIECE);
        }
      }
      done = true;
      return shared.image;
    } catch (IOException e) {
      throw notUnpacked(image, e);
    } finally {
      if (!done) {
        release(image.sha256());
      }
    }
  }

  static LabException notUnpacked(Image image, IOException reason) {
    return new LabException.FilesUnusable(
        "The image " + image.name() + " can't be unpacked: " + reason.getMessage() + ".", "Nothing was fetched.", "Free space in the folder for temporary files.", reason);
  }

  private synchronized void release(String sha256) {
    Unpacked shared = unpacked.get(sha256);
    shared.users--;
    if (shared.users == 0) {
      unpacked.remove(sha256);
      try {
        if (shared.image != null) {
          shared.image.close();
        }
      } catch (IOException e) {
        LOG.warn("a temporary file can't be closed", e);
      }
    }
  }

  /** Ends all; hosts keep what they have. */
  @Override
  public void close() {
    tasks().forEach(Task::cancel);
  }
}
