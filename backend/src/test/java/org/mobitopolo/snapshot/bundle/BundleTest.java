// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobitopolo.task.LabException;
import tools.jackson.databind.node.ObjectNode;

/** The file format of docs/bundle.md. */
class BundleTest {
  @TempDir Path folder;

  private Path file() {
    return folder.resolve("lab.mobitopolo");
  }

  private static ObjectNode config() {
    return Json.MAPPER.createObjectNode().put("lab", "new");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5, 700, 1024, 5000})
  void whatWasWrittenIsReadBack(int pages) throws Exception {
    SampleBundle sample = new SampleBundle(pages, pages);
    long size = sample.write(file());
    assertThat(Files.size(file())).isEqualTo(size);
    assertReadBack(sample);
  }

  @Test
  void manyLabsOfAllKindsAreReadBack() throws Exception {
    for (int seed = 100; seed < 150; seed++) {
      SampleBundle sample = new SampleBundle(seed, seed % 37 * 20);
      sample.write(file());
      assertReadBack(sample);
    }
  }

  private void assertReadBack(SampleBundle sample) throws Exception {
    try (Bundle bundle = Bundle.open(file())) {
      bundle.check(checked -> {});
      assertThat(bundle.manifest()).isEqualTo(sample.manifest());
      assertThat(bundle.thumbnail()).contains(SampleBundle.THUMBNAIL);
      for (int vm = 0; vm < sample.vms.size(); vm++) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Bundle.writeConfig(config(), out);
        bundle.writeState(vm, out);
        SampleBundle.Vm read = SampleBundle.read(out.toByteArray(), config());
        SampleBundle.Vm written = sample.vms.get(vm);
        assertThat(read.head()).isEqualTo(written.head());
        assertSame(read.ram(), written.ram());
        assertSame(read.disk(), written.disk());
        assertThat(read.devices()).isEqualTo(written.devices());
        assertThat(read.frames()).isEqualTo(written.frames());
        assertThat(read.digest()).isEqualTo(written.digest());
      }
    }
  }

  private static void assertSame(Map<Long, byte[]> read, Map<Long, byte[]> written) {
    assertThat(read.keySet()).isEqualTo(written.keySet());
    read.forEach((page, contents) -> assertThat(contents).as("page %d", page).isEqualTo(written.get(page)));
  }

  @Test
  void equalPagesAreKeptOnceAndZerosNever() throws Exception {
    SampleBundle sample = new SampleBundle(1, 3000);
    sample.write(file());
    Set<String> different = new HashSet<>();
    for (SampleBundle.Vm vm : sample.vms) {
      for (Map<Long, byte[]> region : List.of(vm.ram(), vm.disk())) {
        region.values().stream().filter(page -> !SampleBundle.isZero(page)).forEach(page -> different.add(new String(page, StandardCharsets.ISO_8859_1)));
      }
    }
    long kept = 0;
    for (Map.Entry<String, byte[]> member : members().entrySet()) {
      kept += member.getKey().startsWith("pages/") ? decompressed(member.getValue()).length / Head.PAGE : 0;
    }
    assertThat(kept).isEqualTo(different.size());
  }

  private static byte[] decompressed(byte[] member) {
    return Zstd.decompress(member, (int) Zstd.getFrameContentSize(member));
  }

  /** As any tar sees it. */
  private Map<String, byte[]> members() throws IOException {
    Map<String, byte[]> members = new LinkedHashMap<>();
    try (TarArchiveInputStream tar = new TarArchiveInputStream(Files.newInputStream(file()))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        members.put(entry.getName(), tar.readAllBytes());
      }
    }
    return members;
  }

  @Test
  void aBundleIsATarFileThatTellsNothingOfItsMaker() throws Exception {
    new SampleBundle(2, 50).write(file());
    Map<String, byte[]> members = members();
    assertThat(members.keySet()).startsWith("manifest.json", "thumbnail.png").endsWith("index.json.zst", "trailer");
    List<String> texts = new ArrayList<>(List.of(new String(Files.readAllBytes(file()), StandardCharsets.ISO_8859_1)));
    members.forEach((name, contents) -> texts.add(new String(name.endsWith(".zst") ? decompressed(contents) : contents, StandardCharsets.ISO_8859_1)));
    List<String> secrets = List.of("alice", "bob", "secret.example", "hidden.example", "2222", System.getProperty("user.name"), folder.toString());
    texts.forEach(text -> assertThat(text).doesNotContain(secrets));
  }

  @Test
  void aBundleCanBeListedWithTar() throws Exception {
    new SampleBundle(2, 5).write(file());
    Process tar = new ProcessBuilder("tar", "-tvf", file().toString()).redirectErrorStream(true).start();
    String said = new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(tar.waitFor()).as(said).isZero();
    assertThat(said).contains("manifest.json", "vms/0001/ram.map.zst", "trailer");
  }

  @Test
  void everyDamagedByteIsFound() throws Exception {
    new SampleBundle(3, 3).write(file());
    byte[] whole = Files.readAllBytes(file());
    Path damaged = folder.resolve("damaged.mobitopolo");
    for (int at = 0; at < whole.length; at++) {
      whole[at] ^= (byte) (1 << at % 8);
      Files.write(damaged, whole);
      whole[at] ^= (byte) (1 << at % 8);
      assertThatThrownBy(() -> check(damaged)).as("byte %d", at).isInstanceOf(LabException.FilesUnusable.class).hasMessageContaining("Nothing was changed.");
    }
    Files.write(damaged, whole);
    check(damaged);
  }

  private static void check(Path file) throws InterruptedException {
    try (Bundle bundle = Bundle.open(file)) {
      bundle.check(checked -> {});
    }
  }

  @Test
  void aFileThatIsCutAnywhereIsRefusedAtOnce() throws Exception {
    new SampleBundle(4, 20).write(file());
    byte[] whole = Files.readAllBytes(file());
    Path cut = folder.resolve("cut.mobitopolo");
    for (int end = 0; end < whole.length; end += 256) {
      Files.write(cut, Arrays.copyOf(whole, end));
      assertThatThrownBy(() -> Bundle.open(cut)).as("%d bytes", end).isInstanceOf(LabException.FilesUnusable.class);
    }
    Files.write(cut, Arrays.copyOf(whole, whole.length / 2));
    assertThatThrownBy(() -> Bundle.open(cut)).hasMessageContaining("is not complete: its end is missing.").hasMessageContaining("download it again");
    Files.write(cut, Arrays.copyOf(whole, whole.length + 512));
    assertThatThrownBy(() -> Bundle.open(cut)).isInstanceOf(LabException.FilesUnusable.class);
  }

  @Test
  void otherFilesAreToldFromBundles() throws Exception {
    Files.writeString(file(), "hello".repeat(1000));
    assertThatThrownBy(() -> Bundle.open(file())).hasMessageContaining("is not a bundle of Mobitopolo");
    Files.write(file(), new byte[1 << 16]);
    assertThatThrownBy(() -> Bundle.open(file())).hasMessageContaining("is not a bundle of Mobitopolo");
    assertThatThrownBy(() -> Bundle.open(folder.resolve("none"))).hasMessageContaining("There is no file");
    assertThatThrownBy(() -> Bundle.open(folder)).isInstanceOf(LabException.FilesUnusable.class);
  }

  @Test
  void aNewerBundleSaysSo() throws Exception {
    new SampleBundle(5, 5).write(file());
    byte[] whole = Files.readAllBytes(file());
    whole[whole.length - Trailer.FROM_END + 8] = 2;
    Files.write(file(), whole);
    assertThatThrownBy(() -> Bundle.open(file())).hasMessageContaining("written by a newer Mobitopolo").hasMessageContaining("version 2");
  }

  @Test
  void aWriterThatIsGivenUpLeavesNothingAndKeepsTheOldFile() throws Exception {
    Files.writeString(file(), "an older bundle");
    SampleBundle sample = new SampleBundle(6, 50);
    try (BundleWriter writer = BundleWriter.create(file(), sample.manifest(), Optional.empty())) {
      writer.machine(0, sample.vms.getFirst().head(), new ByteArrayInputStream(sample.stream(0)), taken -> {});
    }
    assertThat(Files.readString(file())).isEqualTo("an older bundle");
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file());
    }
  }

  @Test
  void whatCannotBeWrittenIsToldWithTheReason() {
    SampleBundle sample = new SampleBundle(7, 5);
    assertThatThrownBy(() -> BundleWriter.create(folder.resolve("no/such/folder/x.mobitopolo"), sample.manifest(), Optional.empty()))
        .isInstanceOf(LabException.FilesUnusable.class)
        .hasMessageContaining("can't be written")
        .hasMessageContaining("free space");
  }

  @Test
  void aStreamThatBreaksTheProtocolIsRefused() throws Exception {
    SampleBundle sample = new SampleBundle(8, 40);
    byte[] stream = sample.stream(0);
    for (int at = 0; at < stream.length; at += 997) {
      byte[] cut = Arrays.copyOf(stream, at);
      assertThatThrownBy(() -> take(sample, cut)).as("%d bytes", at).isInstanceOfAny(LabException.ProtocolBroken.class, IOException.class);
    }
    assertThatThrownBy(() -> take(sample, Arrays.copyOf(stream, stream.length + 1))).isInstanceOf(LabException.ProtocolBroken.class);
    assertThatThrownBy(() -> take(sample, sample.stream(1))).isInstanceOf(LabException.ProtocolBroken.class).hasMessageContaining("changed while it was read");
    assertThatCode(() -> take(sample, stream)).doesNotThrowAnyException();
  }

  private void take(SampleBundle sample, byte[] stream) throws IOException {
    try (BundleWriter writer = BundleWriter.create(file(), sample.manifest(), Optional.empty())) {
      writer.machine(0, sample.vms.getFirst().head(), new ByteArrayInputStream(stream), taken -> {});
    }
  }

  @Test
  void pagesThatCannotBeCompressedAreReadBack() throws Exception {
    byte[] image = new byte[2 * Chunk.BYTES];
    new Random(1).nextBytes(image);
    String sha256 = HexFormat.of().formatHex(Digests.sha256().digest(image));
    Manifest plain = new SampleBundle(11, 5).manifest();
    Manifest manifest = new Manifest(plain.name(), plain.created(), plain.topology(), plain.places(), List.of(), Map.of(sha256, (long) image.length));
    try (BundleWriter writer = BundleWriter.create(file(), manifest, Optional.empty())) {
      writer.image(sha256, new ByteArrayInputStream(image));
      writer.finish();
    }
    try (Bundle bundle = Bundle.open(file())) {
      bundle.check(checked -> {});
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      bundle.writeImage(sha256, out);
      assertThat(out.toByteArray()).isEqualTo(image);
    }
  }

  @Test
  void aBaseImageThatComesAlongIsReadBack() throws Exception {
    SampleBundle sample = new SampleBundle(9, 30);
    byte[] image = new byte[40 * Head.PAGE];
    System.arraycopy(sample.vms.getFirst().ram().values().iterator().next(), 0, image, 5 * Head.PAGE, Head.PAGE);
    System.arraycopy(sample.vms.getLast().ram().values().iterator().next(), 0, image, 6 * Head.PAGE, Head.PAGE);
    String sha256 = HexFormat.of().formatHex(Digests.sha256().digest(image));
    Manifest plain = sample.manifest();
    Manifest manifest =
        new Manifest(plain.name(), plain.created(), plain.topology(), plain.places(), plain.machines(), Map.of(sha256, (long) image.length));
    try (BundleWriter writer = BundleWriter.create(file(), manifest, Optional.empty())) {
      writer.image(sha256, new ByteArrayInputStream(image));
      for (int vm = 0; vm < 2; vm++) {
        writer.machine(vm, sample.vms.get(vm).head(), new ByteArrayInputStream(sample.stream(vm)), taken -> {});
      }
      writer.finish();
    }
    try (Bundle bundle = Bundle.open(file())) {
      bundle.check(checked -> {});
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      bundle.writeImage(sha256, out);
      assertThat(out.toByteArray()).isEqualTo(image);
    }
  }

}
