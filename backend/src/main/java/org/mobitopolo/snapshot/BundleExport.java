// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLongArray;
import org.mobitopolo.image.Image;
import org.mobitopolo.image.ImageCatalogue;
import org.mobitopolo.snapshot.bundle.BundleWriter;
import org.mobitopolo.snapshot.bundle.Head;
import org.mobitopolo.snapshot.bundle.Manifest;
import org.mobitopolo.task.LabException;
import org.mobitopolo.task.Task;
import org.mobitopolo.task.TaskState.Unit;
import org.mobitopolo.topology.Topology;
import tools.jackson.databind.JsonNode;

/** Writes the parts of a snapshot, which several hosts hold, into one bundle, several at a time and in one pass. */
final class BundleExport {
  /** One CPU compresses about as fast as a fast network brings. */
  private static final int AT_ONCE = 4;

  private final String snapshot;
  private final Instant cutAt;
  private final Topology topology;
  private final List<Part> parts;
  private final ImageCatalogue images;

  BundleExport(String snapshot, Instant cutAt, Topology topology, List<Part> parts, ImageCatalogue images) {
    this.snapshot = snapshot;
    this.cutAt = cutAt;
    this.topology = topology;
    this.parts = List.copyOf(parts);
    this.images = images;
  }

  /**
   * Writes it.
   *
   * @return the size of the file in bytes
   * @throws LabException if a host or the file fails; there is no new file then
   */
  long write(Path file, BundleOptions options, Task.Progress progress) throws InterruptedException {
    progress.phase("Asking the hosts what they keep.");
    Together together = new Together(AT_ONCE);
    PartReader reader = new PartReader(together, snapshot);
    List<Head> heads = heads(together, reader);
    Map<String, Image> included = options.images() ? images(heads) : Map.of();
    try (BundleWriter writer = BundleWriter.create(file, manifest(heads, included), options.thumbnail())) {
      progress.phase("Writing " + file + ".");
      Amount amount = new Amount(heads, progress);
      List<Together.Step<Void>> steps = new ArrayList<>();
      included.values().forEach(image -> steps.add(() -> image(writer, image)));
      for (int i = 0; i < parts.size(); i++) {
        int number = i;
        steps.add(
            () ->
                reader.whole(
                    parts.get(number),
                    stream -> {
                      writer.machine(number, heads.get(number), stream, bytes -> amount.taken(number, bytes));
                      return null;
                    }));
      }
      together.all(steps);
      return writer.finish();
    }
  }

  private List<Head> heads(Together together, PartReader reader) throws InterruptedException {
    return together.all(parts.stream().map(part -> (Together.Step<Head>) () -> reader.head(part)).toList());
  }

  /** The lab as its hosts keep it. */
  KeptLab kept() throws InterruptedException {
    Together together = new Together(AT_ONCE);
    return new KeptLab(snapshot, manifest(heads(together, new PartReader(together, snapshot)), Map.of()), parts);
  }

  private Manifest manifest(List<Head> heads, Map<String, Image> included) {
    List<Manifest.Machine> machines = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      JsonNode config = heads.get(i).json().path("config");
      String kernel = config.path("kernel").asString("");
      String region = config.path("region").asString("");
      if (topology.node(part.node()).isEmpty() || topology.region(region).isEmpty()) {
        throw new LabException.NotPossible(
            "The lab \"" + topology.name() + "\" no longer has the node \"" + part.name() + "\" of that snapshot, or its region.",
            "There is no new bundle.",
            "Bring them back (undo), or take a new snapshot.");
      }
      Optional<String> sha256 = kernel.equals(part.agent().hash()) ? Optional.of(part.agent().kernelSha256()) : Optional.empty();
      machines.add(new Manifest.Machine(part.node(), region, kernel, sha256, heads.get(i)));
    }
    Map<String, Long> sizes = new LinkedHashMap<>();
    included.forEach((hash, image) -> sizes.put(hash, image.sizeBytes()));
    return new Manifest(topology.name(), cutAt, Manifest.anonymous(topology), Manifest.places(topology), machines, sizes);
  }

  private Map<String, Image> images(List<Head> heads) {
    Map<String, Image> found = new LinkedHashMap<>();
    heads.stream().flatMap(head -> head.images().stream()).filter(hash -> !hash.isEmpty()).forEach(hash -> found.put(hash, images.require(hash)));
    return found;
  }

  private static Void image(BundleWriter writer, Image image) {
    try (InputStream in = new ZstdInputStreamNoFinalizer(new BufferedInputStream(Files.newInputStream(image.compressed())))) {
      writer.image(image.sha256(), new BufferedInputStream(in, 1 << 18));
      return null;
    } catch (IOException e) {
      throw new LabException.FilesUnusable(
          "The image " + image.compressed() + " can't be read: " + e.getMessage() + ".", "There is no new bundle.", "Install Mobitopolo again.", e);
    }
  }

  /** Adds up what has come of all VMs. */
  private static final class Amount {
    private final Task.Progress progress;
    private final AtomicLongArray taken;
    private final long total;

    Amount(List<Head> heads, Task.Progress progress) {
      this.progress = progress;
      this.taken = new AtomicLongArray(heads.size());
      this.total = heads.stream().mapToLong(head -> head.contentBytes() + head.json().path("diskBlocks").asLong(0) * Head.PAGE).sum();
    }

    void taken(int number, long bytes) {
      taken.set(number, bytes);
      long sum = 0;
      for (int i = 0; i < taken.length(); i++) {
        sum += taken.get(i);
      }
      progress.amount(sum, Math.max(sum, total), Unit.BYTES);
    }
  }
}
