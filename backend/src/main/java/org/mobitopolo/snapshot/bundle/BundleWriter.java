// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot.bundle;

import com.github.luben.zstd.Zstd;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.mobitopolo.task.LabException;

/**
 * Writes a bundle in one pass, front to back, while its VMs' states come in from several hosts at once.
 *
 * <p>The manifest comes first and says what is known then; checksums and sizes of what follows are known at the end only, so they are in an
 * index behind everything else, which the last 512 bytes of contents lead to. All is written to {@code FILE.part} beside the file, and renamed
 * when it is complete and on the disk: there is never half a bundle under its name, and an older one stays until then.
 */
public final class BundleWriter implements AutoCloseable {
  private static final int LEVEL = 3;

  private final Path file;
  private final Path part;
  private final Instant created;
  private final FileChannel channel;
  private final PageStore store = new PageStore((number, contents) -> append(Names.chunk(number), contents));
  private final Map<String, Index.Member> members = new LinkedHashMap<>();
  private long position;
  private boolean finished;

  private BundleWriter(Path file, Instant created) throws IOException {
    this.file = file;
    this.part = file.resolveSibling(file.getFileName() + ".part");
    this.created = created;
    this.channel = FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
  }

  /**
   * Begins a bundle.
   *
   * @param file its name; what is there is replaced in the end
   * @param thumbnail a picture of the lab, PNG
   * @throws LabException.FilesUnusable if the file can't be written
   */
  public static BundleWriter create(Path file, Manifest manifest, Optional<byte[]> thumbnail) {
    BundleWriter writer = null;
    try {
      writer = new BundleWriter(file, manifest.created());
      writer.append(Names.MANIFEST, ManifestJson.write(manifest));
      if (thumbnail.isPresent()) {
        writer.append(Names.THUMBNAIL, thumbnail.get());
      }
      return writer;
    } catch (IOException e) {
      if (writer != null) {
        writer.close();
      }
      throw unwritable(file, e);
    }
  }

  /**
   * Takes in the state of a VM. May be called for several VMs at once.
   *
   * @param number of the VM in the manifest
   * @param head as the manifest has it
   * @param stream what the host's agent writes (protocols.md section 9), decompressed
   * @param taken hears how many bytes of contents have come so far
   * @throws IOException if the stream breaks off
   * @throws LabException.ProtocolBroken if it is not what the protocol allows
   * @throws LabException.FilesUnusable if the file can't be written
   */
  public void machine(int number, Head head, InputStream stream, LongConsumer taken) throws IOException {
    MachineState state = new StateReader(stream, head, store(), taken).read();
    write(Names.ramMap(number), state.ram().toBytes());
    for (int disk = 0; disk < state.disks().size(); disk++) {
      write(Names.diskMap(number, disk), state.disks().get(disk).toBytes());
    }
    write(Names.devices(number), state.devices());
    write(Names.frames(number), state.frames());
    write(Names.digest(number), state.digest());
  }

  /** So that a full disk here is not taken for a connection that broke there. */
  private StateReader.Pages store() {
    return (bytes, offset) -> {
      try {
        return store.number(bytes, offset);
      } catch (IOException e) {
        throw unwritable(file, e);
      }
    };
  }

  /**
   * Takes in a base image that the manifest names.
   *
   * @param stream its raw bytes, as many as the manifest says
   * @throws IOException if the stream breaks off
   * @throws LabException.FilesUnusable if the file can't be written
   */
  public void image(String sha256, InputStream stream) throws IOException {
    PageMap map = new PageMap();
    byte[] page = new byte[Head.PAGE];
    StateReader.Pages pages = store();
    for (long block = 0; stream.readNBytes(page, 0, Head.PAGE) == Head.PAGE; block++) {
      long number = pages.number(page, 0);
      if (number != PageMap.ZERO) {
        map.add(block, number);
      }
    }
    write(Names.image(sha256), map.toBytes());
  }

  private void write(String name, byte[] contents) {
    try {
      append(name, contents);
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  private void append(String name, byte[] contents) throws IOException {
    byte[] stored = Names.compressed(name) ? Zstd.compress(contents, LEVEL) : contents;
    byte[] sha256 = Digests.sha256().digest(stored);
    synchronized (members) {
      if (members.containsKey(name)) {
        throw new IllegalStateException("a bundle has " + name + " once");
      }
      members.put(name, new Index.Member(name, position + Tar.BLOCK, stored.length, contents.length, sha256));
      put(Tar.header(name, stored.length, created));
      put(stored);
      put(new byte[Tar.padding(stored.length)]);
    }
  }

  private void put(byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      position += channel.write(buffer);
    }
  }

  /**
   * Writes index and end, waits until all is on the disk and gives the file its name.
   *
   * @return its size in bytes
   * @throws LabException.FilesUnusable if the file can't be written
   */
  public long finish() {
    try {
      Index index = new Index(store.finish(), members);
      byte[] contents = Zstd.compress(index.toBytes(), LEVEL);
      put(Tar.header(Names.INDEX, contents.length, created));
      long indexOffset = position;
      put(contents);
      put(new byte[Tar.padding(contents.length)]);
      put(Tar.header(Names.TRAILER, Trailer.BYTES, created));
      MessageDigest digest = Digests.sha256();
      put(new Trailer(indexOffset, contents.length, position + Trailer.FROM_END, digest.digest(contents)).toBytes());
      put(new byte[Tar.END_BYTES]);
      channel.force(true);
      channel.close();
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      finished = true;
      syncFolder();
      return position;
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  /** The new name itself must be on the disk as well. */
  private void syncFolder() throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
      directory.force(true);
    } catch (FileSystemException e) {
      // some file systems let nobody open a folder; the file itself is safe
    }
  }

  /** Removes what was written, unless it was finished. */
  @Override
  public void close() {
    if (finished) {
      return;
    }
    try (channel) {
      Files.deleteIfExists(part);
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  private static LabException unwritable(Path file, IOException e) {
    String reason = e instanceof FileSystemException known && known.getReason() != null ? known.getReason() : String.valueOf(e.getMessage());
    return new LabException.FilesUnusable(
        "The bundle " + file + " can't be written: " + reason + ".",
        "There is no new file.",
        "Check folder, permissions and free space, or choose another place.",
        e);
  }
}
