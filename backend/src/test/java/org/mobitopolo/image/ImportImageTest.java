// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobitopolo.image.Archives.Tar;
import org.mobitopolo.task.LabException;
import org.mobitopolo.task.Task;
import org.mobitopolo.task.Tasks;

/** What becomes of archives; what is in the image is read with e2fsprogs. */
class ImportImageTest {
  @TempDir private Path folder;

  private ImageStore store;
  private Path programs;

  @BeforeEach
  void makePrograms() throws Exception {
    store = new ImageStore(folder.resolve("store"));
    programs = Files.createDirectory(folder.resolve("programs"));
    for (String name : List.of("init", "guestd", "busybox")) {
      Files.writeString(programs.resolve(name), "#!" + name);
    }
  }

  private Image load(Path file, Optional<List<String>> command, int limitMiB) throws Exception {
    ImageCatalogue catalogue = ImageCatalogue.read(List.of(folder.resolve("store")));
    ImportImage work = new ImportImage(file, new ImportImage.Options("test", 64, OptionalInt.of(128), limitMiB, command), store, catalogue, programs);
    Task task = new Tasks().run("Import", work);
    task.awaitSuccess();
    return work.image();
  }

  private Image load(Path file) throws Exception {
    return load(file, Optional.empty(), 64);
  }

  private Path file(String name, byte[] bytes) throws Exception {
    return Files.write(folder.resolve(name), bytes);
  }

  /** What debugfs prints of the image. */
  private String look(Image image, String request) throws Exception {
    Path raw = folder.resolve("raw");
    try (InputStream in = new ZstdInputStream(Files.newInputStream(image.compressed()))) {
      Files.write(raw, in.readAllBytes());
    }
    assertThat(Archives.sha256(Files.readAllBytes(raw))).isEqualTo(image.sha256());
    run("e2fsck", "-fn", raw.toString());
    return run("debugfs", "-R", request, raw.toString());
  }

  private static String run(String... command) throws Exception {
    command[0] = "/usr/sbin/" + command[0];
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  private static Tar system() {
    return new Tar().folder("./").folder("./etc").file("./etc/hostname", "box\n").file("./usr/bin/tool", "x", 0104755).link("./bin", "usr/bin", false);
  }

  @Test
  void aRootFileSystemBecomesAnImageThatStartsGuestd() throws Exception {
    Image image = load(file("box.tar", system().bytes()));
    assertThat(image.name()).isEqualTo("test");
    assertThat(image.sizeMiB()).isEqualTo(128);
    assertThat(look(image, "stat /sbin/init")).contains("Fast link dest: \"/usr/lib/mobitopolo/init\"");
    assertThat(look(image, "cat /usr/lib/mobitopolo/guestd")).contains("#!guestd");
    assertThat(look(image, "cat /usr/lib/mobitopolo/image.conf")).contains("name test\n").doesNotContain("init ", "arg ");
    assertThat(look(image, "stat /bin/tool")).contains("Mode:  04755");
    assertThat(look(image, "stat /bin/sh")).contains("/usr/lib/mobitopolo/busybox");
  }

  @Test
  void packedFilesAreKnownByTheirFirstBytes() throws Exception {
    byte[] tar = system().bytes();
    Image plain = load(file("box.tar", tar));
    Image gzip = load(file("box.img", Archives.pack(tar, GZIPOutputStream::new)));
    Image zstd = load(file("box", Archives.pack(tar, ZstdOutputStream::new)));
    assertThat(List.of(gzip.sha256(), zstd.sha256())).containsOnly(plain.sha256());
  }

  @Test
  void theSystemsOwnInitRunsAfterOursAlsoWhenItIsNoLink() throws Exception {
    Tar systemd = system().file("usr/lib/systemd/systemd", "elf", 0100755).link("sbin/init", "../usr/lib/systemd/systemd", false).folder("etc/systemd/system");
    Image image = load(file("systemd.tar", systemd.bytes()));
    assertThat(look(image, "cat /usr/lib/mobitopolo/image.conf")).contains("init /usr/lib/systemd/systemd\n", "tells booted\n");
    assertThat(look(image, "stat /etc/systemd/system/getty@.service")).contains("/dev/null");
    assertThat(look(image, "stat /etc/systemd/system/multi-user.target.wants/mobitopolo-booted.service")).contains("../mobitopolo-booted.service");

    image = load(file("sysvinit.tar", sysvinit().bytes()));
    assertThat(look(image, "cat /usr/lib/mobitopolo/image.conf")).contains("init /usr/lib/mobitopolo/own-init\n", "tells booted\n");
    assertThat(look(image, "cat /usr/lib/mobitopolo/own-init")).contains("elf of sysvinit");
    assertThat(look(image, "cat /etc/inittab")).contains("\n#1:23:respawn", "\nsi::sysinit", "\nmt:12345:once:/usr/lib/mobitopolo/booted\n");
    assertThat(look(image, "stat /usr/lib/mobitopolo/booted")).contains("Mode:  0755");
  }

  private static Tar sysvinit() {
    String table = "id:2:initdefault:\nsi::sysinit:/etc/rc\n1:23:respawn:/sbin/getty 38400 tty1\n";
    return system().file("sbin/init", "elf of sysvinit", 0100755).file("etc/inittab", table);
  }

  @Test
  void aTableOfBusyBoxHasNoRunlevels() throws Exception {
    Tar alpine = system().file("usr/bin/busybox", "elf", 0100755).link("sbin/init", "/bin/busybox", false).file("etc/inittab", "::wait:/sbin/openrc default");
    Image image = load(file("busybox.tar", alpine.bytes()));
    assertThat(look(image, "cat /usr/lib/mobitopolo/image.conf")).contains("init /usr/bin/busybox\n", "tells booted\n");
    assertThat(look(image, "cat /etc/inittab")).contains("::wait:/sbin/openrc default\n::once:/usr/lib/mobitopolo/booted\n");
  }

  @Test
  void anInitThatNobodyKnowsTellsNothing() throws Exception {
    Image image = load(file("other.tar", system().file("sbin/init", "elf", 0100755).bytes()));
    assertThat(look(image, "cat /usr/lib/mobitopolo/image.conf")).contains("init /usr/lib/mobitopolo/own-init\n").doesNotContain("tells");
  }

  @Test
  void theFilesOfAGuestBecomeAnImageAgain() throws Exception {
    Tar guest =
        sysvinit()
            .file("usr/lib/mobitopolo/own-init", "elf of sysvinit", 0100755)
            .file("usr/lib/mobitopolo/init", "#!old init", 0100755)
            .link("sbin/init", "/usr/lib/mobitopolo/init", false)
            .file("etc/inittab", "id:2:initdefault:\nmt:12345:once:/usr/lib/mobitopolo/booted\n");
    Image image = load(file("guest.tar", guest.bytes()));
    assertThat(look(image, "cat /usr/lib/mobitopolo/image.conf")).contains("init /usr/lib/mobitopolo/own-init\n");
    assertThat(look(image, "cat /usr/lib/mobitopolo/own-init")).contains("elf of sysvinit");
    assertThat(look(image, "cat /usr/lib/mobitopolo/init")).contains("#!init");
    assertThat(look(image, "cat /etc/inittab")).contains("id:2:initdefault:\nmt:12345:once:/usr/lib/mobitopolo/booted\n").doesNotContain("booted\nmt");

    Tar bare = system().file("usr/lib/mobitopolo/init", "#!old init", 0100755).link("sbin/init", "/usr/lib/mobitopolo/init", false);
    assertThat(look(load(file("bare.tar", bare.bytes())), "cat /usr/lib/mobitopolo/image.conf")).doesNotContain("init ");
  }

  private Path layout(String name, byte[] second) throws Exception {
    byte[] first = system().file("etc/old", "old").file("srv/a", "a").file("srv/b", "b").file("etc/passwd", "web:x:33:44::/:/bin/sh\n").bytes();
    Path layout = folder.resolve(name);
    String config =
        "{\"Entrypoint\":[\"/usr/bin/tool\"],\"Cmd\":[\"-x\",\"two\\nlines\"],\"Env\":[\"A=1\"],\"WorkingDir\":\"/srv\",\"User\":\"web\"}";
    Archives.layout(
        layout,
        config,
        List.of(first, second),
        List.of(Archives.pack(first, GZIPOutputStream::new), Archives.pack(second, ZstdOutputStream::new)));
    return layout;
  }

  private static byte[] secondLayer() throws Exception {
    return new Tar().file("etc/.wh.old", "").file("srv/c", "c").file("srv/.wh..wh..opq", "").file("etc/hostname", "other\n").bytes();
  }

  private void assertLayers(Image image) throws Exception {
    assertThat(look(image, "ls -p /srv")).contains("/c/").doesNotContain("/a/", "/b/");
    assertThat(look(image, "ls -p /etc")).contains("/hostname/").doesNotContain("/old/", ".wh.");
    assertThat(look(image, "cat /etc/hostname")).contains("other");
    assertThat(look(image, "cat /usr/lib/mobitopolo/image.conf"))
        .contains("env A=1\n", "cwd /srv\n", "user 33 44\n", "arg /usr/bin/tool\n", "arg -x\n", "arg two\\nlines\n");
  }

  @Test
  void layersOfAnOciImageLieOverEachOther() throws Exception {
    assertLayers(load(layout("layout", secondLayer())));
  }

  @Test
  void anArchiveOfALayoutIsTheSame() throws Exception {
    Path layout = layout("layout", secondLayer());
    Tar tar = new Tar();
    try (Stream<Path> files = Files.walk(layout)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        tar.file(layout.relativize(file).toString(), new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
      }
    }
    // contents are bytes, so the archive is made by tar itself
    Path archive = folder.resolve("image.tar");
    Process process = new ProcessBuilder("tar", "-C", layout.toString(), "-cf", archive.toString(), ".").start();
    assertThat(process.waitFor()).isZero();
    assertLayers(load(archive));
  }

  @Test
  void whatDockerSaveWritesIsReadToo() throws Exception {
    byte[] layer = system().bytes();
    String configuration =
        "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Cmd\":[\"/bin/sh\"]},\"rootfs\":{\"diff_ids\":[\"sha256:" + Archives.sha256(layer) + "\"]}}";
    Path saved = Files.createDirectories(folder.resolve("saved/abc"));
    Files.write(saved.resolve("layer.tar"), layer);
    Files.writeString(folder.resolve("saved/config.json"), configuration);
    Files.writeString(folder.resolve("saved/manifest.json"), "[{\"Config\":\"config.json\",\"Layers\":[\"abc/layer.tar\"]}]");
    Path archive = folder.resolve("saved.tar");
    assertThat(new ProcessBuilder("tar", "-C", folder.resolve("saved").toString(), "-cf", archive.toString(), "manifest.json", "config.json", "abc").start().waitFor())
        .isZero();
    Image image = load(archive);
    // a shell without a terminal would end at once
    assertThat(look(image, "cat /usr/lib/mobitopolo/image.conf")).doesNotContain("arg ");
  }

  @Test
  void aCommandOfTheUsersRunsInPlaceOfTheImages() throws Exception {
    Image image = load(layout("layout", secondLayer()), Optional.of(List.of("sleep", "9")), 64);
    assertThat(look(image, "cat /usr/lib/mobitopolo/image.conf")).contains("arg sleep\narg 9\n").doesNotContain("tool");
  }

  private void assertRefused(Path file, String... because) {
    assertThatThrownBy(() -> load(file)).isInstanceOf(LabException.class).message().contains("Nothing was stored.").contains(because);
    assertNothingStored();
  }

  private void assertNothingStored() {
    assertThat(folder.resolve("store").toFile().list()).isNullOrEmpty();
  }

  @Test
  void everyDamagedBlobIsFound() throws Exception {
    Path layout = layout("layout", secondLayer());
    try (Stream<Path> blobs = Files.list(layout.resolve("blobs/sha256"))) {
      for (Path blob : blobs.toList()) {
        byte[] bytes = Files.readAllBytes(blob);
        byte[] damaged = bytes.clone();
        damaged[damaged.length / 2] ^= 1;
        Files.write(blob, damaged);
        assertThatThrownBy(() -> load(layout)).as(blob.toString()).isInstanceOf(LabException.class);
        assertNothingStored();
        Files.write(blob, bytes);
      }
    }
    assertLayers(load(layout));
  }

  @Test
  void anImageForAnotherComputerIsRefused() throws Exception {
    Path layout = Files.createDirectories(folder.resolve("arm"));
    Files.writeString(
        layout.resolve("index.json"),
        "{\"manifests\":[{\"digest\":\"sha256:" + "1".repeat(64) + "\",\"platform\":{\"architecture\":\"arm64\",\"os\":\"linux\"}}]}");
    assertRefused(layout, "nothing for linux/amd64, only linux/arm64");
  }

  @Test
  void pathsThatLeadOutAreRefused() throws Exception {
    assertRefused(file("out.tar", system().file("../../etc/passwd", "x").bytes()), "leads out of it");
    assertRefused(file("link.tar", system().link("x", "../../etc/shadow", true).bytes()), "leads out of it");
    Path layout = Files.createDirectories(folder.resolve("bad"));
    Files.writeString(layout.resolve("index.json"), "{\"manifests\":[{\"digest\":\"sha256:../../../../etc/passwd\"}]}");
    assertRefused(layout, "which is no SHA-256");
    Files.delete(layout.resolve("index.json"));
    Files.writeString(layout.resolve("manifest.json"), "[{\"Config\":\"../../etc/passwd\",\"Layers\":[]}]");
    assertRefused(layout, "names a part by");
  }

  @Test
  void linksThatLeadOutStayInside() throws Exception {
    Image image = load(file("escape.tar", system().link("up", "../../../..", false).file("up/caught", "x").link("abs", "/etc", false).file("abs/too", "y").bytes()));
    assertThat(look(image, "ls -p /")).contains("/caught/");
    assertThat(look(image, "ls -p /etc")).contains("/too/");
  }

  @Test
  void linksInACircleAreRefused() throws Exception {
    assertRefused(file("circle.tar", system().link("a", "b", false).link("b", "a", false).file("a/x", "x").bytes()), "leads nowhere");
  }

  @Test
  void whatIsTooLargeIsRefusedBeforeItIsTaken() throws Exception {
    byte[] bomb = Archives.pack(new Tar().file("big", "0".repeat(70 << 20)).bytes(), GZIPOutputStream::new);
    assertRefused(file("bomb.tar.gz", bomb), "more than 64 MiB");
  }

  @Test
  void aNameThatIsLongerThanAnyMemoryIsRefused() throws Exception {
    byte[] header = new Tar().file("x", "").bytes();
    header[156] = 'L';
    byte[] size = "77777777777".getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(size, 0, header, 124, size.length);
    int sum = 0;
    Arrays.fill(header, 148, 156, (byte) ' ');
    for (int i = 0; i < 512; i++) {
      sum += header[i];
    }
    byte[] text = String.format("%06o\0 ", sum).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(text, 0, header, 148, text.length);
    assertRefused(file("name.tar", header), "a header of");
  }

  @Test
  void whatIsCutOffAnywhereIsRefused() throws Exception {
    byte[] tar = system().bytes();
    int end = tar.length;
    while (tar[end - 1] == 0) {
      end--;
    }
    for (int length = 1; length < end; length += 509) {
      assertRefused(file("cut.tar", Arrays.copyOf(tar, length)), "");
    }
  }

  @Test
  void otherFilesAreTold() throws Exception {
    assertRefused(file("text", "This is a text, and a rather long one.".repeat(50).getBytes(StandardCharsets.UTF_8)), "no tar file");
    assertRefused(file("xz", new byte[] {(byte) 0xfd, '7', 'z', 'X', 'Z', 0, 0, 0}), "xz -d");
    assertRefused(folder.resolve("missing.tar"), "not there");
  }

  @Test
  void namesOfTheProgramsImagesAreTaken() throws Exception {
    Path bundled = Files.createDirectory(folder.resolve("bundled"));
    Files.writeString(bundled.resolve("test.json"), "{\"name\":\"test\",\"sha256\":\"" + "a".repeat(64) + "\",\"sizeBytes\":4096}");
    Files.createFile(bundled.resolve("test.img.zst"));
    ImageCatalogue catalogue = ImageCatalogue.read(List.of(bundled, folder.resolve("store")));
    assertThatThrownBy(() -> ImageStore.requireFree("test", catalogue)).hasMessageContaining("comes with the program");
    assertThatThrownBy(() -> ImageStore.requireFree("../x", catalogue)).hasMessageContaining("can't be the name");
    assertThatThrownBy(() -> ImageStore.requireFree("a".repeat(64), catalogue)).hasMessageContaining("can't be the name");
  }

  @Test
  void theNewestOfANameIsMeantAndTheOthersAreFoundByTheirHash() throws Exception {
    Image first = load(file("a.tar", system().bytes()));
    Files.writeString(
        first.compressed().resolveSibling(first.sha256() + ".json"),
        Files.readString(first.compressed().resolveSibling(first.sha256() + ".json")).replaceFirst("\"created\" : \"[^\"]*\"", "\"created\" : \"2020-01-01T00:00:00Z\""));
    Image second = load(file("b.tar", system().file("new", "x").bytes()));
    ImageCatalogue catalogue = ImageCatalogue.read(List.of(folder.resolve("store")));
    assertThat(catalogue.images()).hasSize(2);
    assertThat(catalogue.require("test").sha256()).isEqualTo(second.sha256());
    assertThat(catalogue.require(first.sha256()).created()).isBefore(second.created());
    store.delete(second);
    assertThat(ImageCatalogue.read(List.of(folder.resolve("store"))).require("test").sha256()).isEqualTo(first.sha256());
  }

  @Test
  void aMissingImageIsToldWithWhatToDo() {
    ImageCatalogue catalogue = ImageCatalogue.read(List.of());
    assertThatThrownBy(() -> catalogue.require("router")).hasMessageContaining("mobitopolo image build router");
    assertThatThrownBy(() -> catalogue.require("mine")).hasMessageContaining("mobitopolo image import FILE --name NAME");
  }

  @Test
  void aDamagedImageIsFound() throws Exception {
    Image image = load(file("a.tar", system().bytes()));
    ImageStore.verify(image);
    byte[] bytes = Files.readAllBytes(image.compressed());
    bytes[bytes.length / 2] ^= 1;
    Files.write(image.compressed(), bytes);
    assertThatThrownBy(() -> ImageStore.verify(image)).hasMessageContaining("is damaged");
  }
}
