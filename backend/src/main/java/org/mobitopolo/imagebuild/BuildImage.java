// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.imagebuild;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.commons.io.file.PathUtils;
import org.mobitopolo.host.Credentials;
import org.mobitopolo.host.HostKeyPolicy;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.host.NativeParts;
import org.mobitopolo.host.SshSettings;
import org.mobitopolo.image.Image;
import org.mobitopolo.image.ImageCatalogue;
import org.mobitopolo.image.ImageStore;
import org.mobitopolo.image.RootFileSystem;
import org.mobitopolo.image.Template;
import org.mobitopolo.task.LabException;
import org.mobitopolo.task.Task;
import org.mobitopolo.task.TaskState.Unit;
import org.mobitopolo.task.Tasks;

/**
 * A task's work: builds an image of a template. This computer's apt fetches the packages, a VM of this computer installs them, so neither root nor
 * a container is needed. When it fails or is cancelled nothing is stored; fetched packages stay for the next time.
 */
public final class BuildImage implements Task.Work {
  private static final long LIMIT = 8L << 30;
  private static final String READ_ALL =
      "cd / && tar --one-file-system --numeric-owner --xattrs --xattrs-include='*' --exclude=./" + FirstStage.FOLDER
          + " --exclude=./usr/lib/mobitopolo --exclude=./lost+found --exclude='./run/*' --exclude='./tmp/*' -cf - .";

  private final Template template;
  private final ImageStore store;
  private final NativeParts parts;
  private final Path programs;
  private final Path cache;
  private Image image;

  /**
   * Builds this template.
   *
   * @param parts what the VM is made of
   * @param programs the folder with what is put into guests
   * @param cache where fetched packages stay
   */
  public BuildImage(Template template, ImageStore store, NativeParts parts, Path programs, Path cache) {
    this.template = template;
    this.store = store;
    this.parts = parts;
    this.programs = programs;
    this.cache = cache;
  }

  /** The image, after the work succeeded. */
  public Image image() {
    return image;
  }

  @Override
  public void run(Task.Progress progress) throws InterruptedException {
    ImageStore.requireFree(template.name(), ImageCatalogue.read(parts.images()));
    try {
      Path work = Files.createTempDirectory(store.folder(), ".build-");
      try {
        image = build(work, progress);
      } finally {
        PathUtils.deleteDirectory(work);
      }
    } catch (InterruptedIOException e) {
      throw new InterruptedException(e.getMessage());
    } catch (IOException e) {
      throw new LabException.FilesUnusable(
          "The image " + template.name() + " could not be built: " + e.getMessage() + ".", "Nothing was stored.", "Check the free disk space.", e);
    }
  }

  private Image build(Path work, Task.Progress progress) throws IOException, InterruptedException {
    progress.phase("Reading the archive's lists.");
    Apt apt = new Apt(Files.createDirectory(work.resolve("apt")), cache);
    apt.update();
    List<String> wanted = new ArrayList<>(List.of("?essential"));
    List<Apt.Step> essential = apt.plan(wanted);
    wanted.addAll(template.packages());
    List<Apt.Step> all = apt.plan(wanted);
    int count = (int) all.stream().filter(Apt.Step::unpack).count();
    progress.phase("Fetching " + count + " packages.");
    apt.download(wanted);
    ImageStore temporary = new ImageStore(work.resolve("images"));
    Image first;
    try (RootFileSystem root = new RootFileSystem(temporary, programs, LIMIT)) {
      progress.phase("Unpacking what the others need.");
      new FirstStage(template, apt, essential, all).fill(root.tree(), root.contents());
      first = root.store(label("first stage", List.of()), template.sizeMiB() + 2048, progress);
    }
    List<Path> folders = new ArrayList<>(parts.images());
    folders.add(temporary.folder());
    try (Hosts hosts =
            new Hosts(
                new NativeParts(parts.linux(), parts.mobihost(), folders), SshSettings.ofAccount(work, Map.of()), HostKeyPolicy.KNOWN_ONLY, Credentials.NONE);
        BuildMachine machine = start(first, hosts, work, progress)) {
      install(machine, count, progress);
      return read(machine, progress);
    }
  }

  private BuildMachine start(Image first, Hosts hosts, Path work, Task.Progress progress) throws InterruptedException {
    progress.phase("Starting a VM to install them in.");
    return BuildMachine.start(first, hosts, new Tasks(), work.resolve("host"), cache.resolve("build-" + template.name() + ".log"));
  }

  private static void install(BuildMachine machine, int packages, Task.Progress progress) throws IOException, InterruptedException {
    progress.phase("Installing " + packages + " packages in a VM.");
    AtomicInteger done = new AtomicInteger();
    machine.run(
        "sh " + FirstStage.SCRIPT,
        line -> {
          if (line.startsWith("Unpacking ") || line.startsWith("Setting up ")) {
            progress.amount(Math.min(done.incrementAndGet(), 2L * packages), 2L * packages, Unit.STEPS);
          }
        });
  }

  private Image read(BuildMachine machine, Task.Progress progress) throws IOException, InterruptedException {
    List<String> packages = new ArrayList<>();
    machine.run("dpkg-query -W -f '${Package} ${Version}\\n'", packages::add);
    try (RootFileSystem root = new RootFileSystem(store, programs, LIMIT)) {
      progress.phase("Reading what was installed.");
      machine.readTar(READ_ALL, root.layer());
      return root.store(label("Built of packages.", packages), template.sizeMiB(), progress);
    }
  }

  private ImageStore.Label label(String origin, List<String> packages) {
    return new ImageStore.Label(template.name(), template.description(), template.memoryMiB(), origin, packages);
  }
}
