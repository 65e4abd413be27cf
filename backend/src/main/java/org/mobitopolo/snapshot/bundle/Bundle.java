// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot.bundle;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.mobitopolo.task.LabException;
import tools.jackson.databind.node.ObjectNode;

/**
 * A bundle that is being read (docs/bundle.md). Whoever made the file may mean harm: names are known ones, sizes are bounded before memory is
 * taken, each member is checked against its checksum before it is looked at, and what it decompresses to must have the size that was announced.
 * Every method but {@link #manifest} may fail with {@link LabException.FilesUnusable}. Thread-safe.
 */
public final class Bundle implements AutoCloseable {
  /** What the names of bundles end with. */
  public static final String SUFFIX = ".mobitopolo";

  private static final int LARGEST_INDEX = 256 << 20;
  private static final int LARGEST_MANIFEST = 64 << 20;
  private static final int LARGEST_THUMBNAIL = 16 << 20;
  private static final int LARGEST_MEMBER = 1 << 30;

  private final String name;
  private final Source source;
  private final Index index;
  private final Members members;
  private final Manifest manifest;
  private final ChunkCache chunks = new ChunkCache(this::chunk);

  private Bundle(String name, Source source, Members members, Manifest manifest) {
    this.name = name;
    this.source = source;
    this.index = members.index();
    this.members = members;
    this.manifest = manifest;
  }

  /**
   * Opens a bundle and reads its index and manifest.
   *
   * @throws LabException.FilesUnusable if it can't be read, is no bundle, is incomplete or damaged, or newer than this program
   */
  public static Bundle open(Path file) {
    Source source;
    try {
      source = Source.of(file);
    } catch (NoSuchFileException e) {
      throw unusable("There is no file " + file + ".", "Name a bundle, a file that ends in .mobitopolo.", e);
    } catch (IOException e) {
      throw unreadable(file.toString(), e);
    }
    try {
      return open(file.toString(), source);
    } catch (LabException e) {
      close(source);
      throw e;
    }
  }

  /**
   * Opens a bundle on a web server and fetches its index and manifest; the rest is fetched as it is needed.
   *
   * @return empty if the server sends whole files only
   * @throws LabException.FilesUnusable as {@link #open(Path)}
   */
  public static Optional<Bundle> open(URI uri) {
    Source source;
    try {
      source = new WebSource(uri, Trailer.FROM_END);
    } catch (WebSource.NoRanges e) {
      return Optional.empty();
    } catch (IOException e) {
      throw unusable("The bundle " + uri + " can't be read: " + e.getMessage() + ".", "Check the address, or download the file by other means.", e);
    }
    try {
      return Optional.of(open(uri.toString(), source));
    } catch (LabException e) {
      close(source);
      throw e;
    }
  }

  private static Bundle open(String name, Source source) {
    try {
      Trailer trailer = trailer(name, source);
      byte[] contents = source.read(trailer.indexOffset(), (int) trailer.indexSize());
      if (!Arrays.equals(Digests.sha256().digest(contents), trailer.indexSha256())) {
        throw new IllegalArgumentException("its index does not have its checksum");
      }
      Index index = Index.parse(Members.decompress(contents, LARGEST_INDEX), trailer.indexOffset() - Tar.BLOCK);
      Members members = new Members(source, index);
      Manifest manifest = ManifestJson.read(members.contents(Names.MANIFEST, LARGEST_MANIFEST));
      Bundle bundle = new Bundle(name, source, members, manifest);
      bundle.requireMembers();
      return bundle;
    } catch (IllegalArgumentException e) {
      throw damaged(name, e.getMessage(), e);
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }

  private static Trailer trailer(String name, Source source) throws IOException {
    long size = source.size();
    if (size < Trailer.FROM_END || size % Tar.BLOCK != 0) {
      throw noEnd(name, source);
    }
    byte[] bytes = source.read(size - Trailer.FROM_END, Trailer.BYTES);
    if (!Trailer.marked(bytes)) {
      throw noEnd(name, source);
    }
    if (Trailer.version(bytes) > Trailer.VERSION) {
      throw unusable(
          name + " was written by a newer Mobitopolo (its format is version " + Trailer.version(bytes) + ", this program reads version " + Trailer.VERSION + ").",
          "Update this program, or let the other one save it in the older format.",
          null);
    }
    Trailer trailer = Trailer.parse(bytes);
    long indexEnd = trailer.indexOffset() + trailer.indexSize();
    boolean possible =
        trailer.fileSize() == size
            && trailer.indexOffset() >= 2 * Tar.BLOCK
            && trailer.indexSize() > 0
            && trailer.indexSize() <= LARGEST_INDEX
            && indexEnd + Tar.padding(trailer.indexSize()) + Tar.BLOCK == size - Trailer.FROM_END;
    if (!possible) {
      throw new IllegalArgumentException("its end belongs to another file");
    }
    return trailer;
  }

  /** Says whether the file is the beginning of a bundle, or something else altogether. */
  private static LabException noEnd(String name, Source source) throws IOException {
    byte[] wanted = Names.MANIFEST.getBytes(StandardCharsets.US_ASCII);
    boolean begins = source.size() >= wanted.length && Arrays.equals(source.read(0, wanted.length), wanted);
    return begins
        ? unusable(name + " is not complete: its end is missing.", "Copy or download it again.", null)
        : unusable(name + " is not a bundle of Mobitopolo.", "Name a file that \"mobitopolo snapshot\" has written.", null);
  }

  /** What the manifest names must be there, and nothing else. */
  private void requireMembers() {
    List<String> expected = new ArrayList<>(List.of(Names.MANIFEST));
    for (int machine = 0; machine < manifest.machines().size(); machine++) {
      expected.add(Names.ramMap(machine));
      for (int disk = 0; disk < manifest.machines().get(machine).head().diskBlocks().size(); disk++) {
        expected.add(Names.diskMap(machine, disk));
      }
      expected.addAll(List.of(Names.devices(machine), Names.frames(machine), Names.digest(machine)));
    }
    manifest.images().keySet().forEach(image -> expected.add(Names.image(image)));
    if (index.members().containsKey(Names.THUMBNAIL)) {
      expected.add(Names.THUMBNAIL);
    }
    long chunkCount = (index.pages() + Chunk.PAGES - 1) / Chunk.PAGES;
    if (index.members().size() != expected.size() + chunkCount || !index.members().keySet().containsAll(expected)) {
      throw new IllegalArgumentException("it lacks something that its manifest names, or has something more");
    }
  }

  /** What it holds. */
  public Manifest manifest() {
    return manifest;
  }

  /** The picture of the lab, PNG. */
  public Optional<byte[]> thumbnail() {
    return index.members().containsKey(Names.THUMBNAIL) ? Optional.of(reading(() -> contents(Names.THUMBNAIL, LARGEST_THUMBNAIL))) : Optional.empty();
  }

  /** Size of the file: bytes. */
  public long size() {
    return reading(source::size);
  }

  /**
   * Reads and checks every byte, so that nothing can be found wrong later.
   *
   * @param read hears how many bytes are checked so far, of {@link #size}
   * @throws LabException.FilesUnusable if a byte is wrong
   */
  public void check(LongConsumer read) throws InterruptedException {
    for (Index.Member member : index.members().values()) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      reading(
          () -> {
            checkMember(member);
            return member;
          });
      read.accept(member.end());
    }
    reading(
        () -> {
          checkEnd();
          return index;
        });
    checkMaps();
    read.accept(size());
  }

  private void checkMember(Index.Member member) throws IOException {
    byte[] contents = contents(member.name(), LARGEST_MEMBER);
    if (member.name().equals(Names.THUMBNAIL) && contents.length > LARGEST_THUMBNAIL) {
      throw new IllegalArgumentException("its picture is too large");
    }
    requireFrame(member.name(), member.offset(), member.size());
  }

  private void checkEnd() throws IOException {
    Trailer trailer = trailer(name, source);
    requireFrame(Names.INDEX, trailer.indexOffset(), trailer.indexSize());
    requireFrame(Names.TRAILER, source.size() - Trailer.FROM_END, Trailer.BYTES);
    requireZero(source.read(source.size() - Tar.END_BYTES, Tar.END_BYTES));
  }

  /** What lies around a member's contents says nothing new, so there is only one way to write it. */
  private void requireFrame(String member, long offset, long size) throws IOException {
    byte[] header = source.read(offset - Tar.BLOCK, Tar.BLOCK);
    if (!Arrays.equals(header, Tar.header(member, size, manifest.created()))) {
      throw new IllegalArgumentException("the header of " + member + " is not in order");
    }
    requireZero(source.read(offset + size, Tar.padding(size)));
  }

  private static void requireZero(byte[] bytes) {
    for (byte each : bytes) {
      if (each != 0) {
        throw new IllegalArgumentException("there are bytes between its members");
      }
    }
  }

  /**
   * Writes the message CONFIG, with which all that {@code mobihost put state} reads begins (protocols.md section 9), not compressed.
   *
   * @param config its payload: what the new VM is to be
   * @throws IOException if it can't be written
   */
  public static void writeConfig(ObjectNode config, OutputStream out) throws IOException {
    StateWriter.message(out, StateMessage.CONFIG, Json.MAPPER.writeValueAsBytes(config));
  }

  /**
   * Writes the state of a VM: all that follows the message CONFIG, not compressed.
   *
   * @throws IOException if it can't be written
   */
  public void writeState(int machine, OutputStream out) throws IOException {
    new StateWriter(out, chunks).write(manifest.machines().get(machine).head(), state(machine));
  }

  /**
   * Writes a base image's raw bytes.
   *
   * @throws IOException if they can't be written
   */
  public void writeImage(String sha256, OutputStream out) throws IOException {
    long size = manifest.images().get(sha256);
    PageMap map = imageMap(sha256, size);
    byte[] zeros = new byte[Head.PAGE];
    long written = 0;
    for (int run = 0; run < map.runs(); run++) {
      for (; written < map.first(run); written++) {
        out.write(zeros);
      }
      for (int i = 0; i < map.count(run); i++, written++) {
        long page = map.stored(run) + i;
        out.write(map.stored(run) == PageMap.ZERO ? zeros : chunks.chunk(page), map.stored(run) == PageMap.ZERO ? 0 : ChunkCache.offset(page), Head.PAGE);
      }
    }
    for (; written < size / Head.PAGE; written++) {
      out.write(zeros);
    }
  }

  private MachineState state(int machine) {
    Head head = manifest.machines().get(machine).head();
    return reading(
        () -> {
          PageMap ram = map(Names.ramMap(machine), head.ramPages());
          if (ram.pages() != head.contentPages()) {
            throw new IllegalArgumentException("a VM of it has not as many pages as it says");
          }
          List<PageMap> disks = new ArrayList<>();
          for (int disk = 0; disk < head.diskBlocks().size(); disk++) {
            disks.add(map(Names.diskMap(machine, disk), head.diskBlocks().get(disk)));
          }
          return new MachineState(
              ram,
              disks,
              contents(Names.devices(machine), LARGEST_MEMBER),
              contents(Names.frames(machine), LARGEST_MEMBER),
              contents(Names.digest(machine), StateMessage.MAX_PAYLOAD));
        });
  }

  private PageMap imageMap(String sha256, long size) {
    return reading(() -> map(Names.image(sha256), size / Head.PAGE));
  }

  private PageMap map(String member, long regionPages) throws IOException {
    return PageMap.parse(contents(member, LARGEST_MEMBER), regionPages, index.pages());
  }

  private byte[] chunk(long number) {
    return reading(() -> contents(Names.chunk(number), Chunk.BYTES));
  }

  private byte[] contents(String member, int limit) throws IOException {
    return members.contents(member, limit);
  }

  @FunctionalInterface
  private interface Reading<T> {
    T read() throws IOException;
  }

  private <T> T reading(Reading<T> step) {
    try {
      return step.read();
    } catch (IllegalArgumentException e) {
      throw damaged(name, e.getMessage(), e);
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }

  @Override
  public void close() {
    close(source);
  }

  /**
   * Reads and checks what tells where everything is, but not the pages, each of which is checked when it is read: enough for a bundle that is
   * fetched as it is needed.
   *
   * @throws LabException.FilesUnusable if a byte of that is wrong
   */
  public void checkMaps() {
    for (int machine = 0; machine < manifest.machines().size(); machine++) {
      state(machine);
    }
    manifest.images().forEach(this::imageMap);
  }

  /** Whether reading fetches from the web. */
  public boolean isOnWeb() {
    return source instanceof WebSource;
  }

  private static void close(Source source) {
    try {
      source.close();
    } catch (IOException e) {
      // it was only read
    }
  }

  private static LabException damaged(String name, String what, Exception cause) {
    return unusable("The bundle " + name + " is damaged: " + what + ".", "Copy or download it again.", cause);
  }

  private static LabException unreadable(String name, IOException e) {
    return unusable("The bundle " + name + " can't be read: " + e.getMessage() + ".", "Check the file and its permissions.", e);
  }

  private static LabException unusable(String problem, String advice, Exception cause) {
    return new LabException.FilesUnusable(problem, "Nothing was changed.", advice, cause);
  }
}
