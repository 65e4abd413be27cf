// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mobitopolo.fixture.NativeFiles;
import org.mobitopolo.fixture.SlowPath;
import org.mobitopolo.fixture.SshHosts;
import org.mobitopolo.fixture.TestLabs;
import org.mobitopolo.host.Credentials;
import org.mobitopolo.host.HostKeyPolicy;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.host.NativeParts;
import org.mobitopolo.image.Image;
import org.mobitopolo.image.ImageCatalogue;
import org.mobitopolo.image.ImageStore;
import org.mobitopolo.snapshot.BundleOptions;
import org.mobitopolo.snapshot.Placement;
import org.mobitopolo.snapshot.RestoreLab;
import org.mobitopolo.snapshot.RestoreOptions;
import org.mobitopolo.snapshot.SaveLab;
import org.mobitopolo.snapshot.bundle.Bundle;
import org.mobitopolo.task.Task;
import org.mobitopolo.task.Tasks;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.VirtualMachine;

/** VMs run before all of a large base image is on their host. */
@Timeout(300)
@Tag("long")
class ImageFetchIT {
  private static final int MIB = 1 << 20;
  /** Random bytes behind the file system, which a guest reads from its disk. */
  private static final int TAIL_MIB = 24;

  private static final int PIECE = 65536;
  /** So the image takes about half a minute. */
  private static final long SLOW = 800_000;

  @TempDir private Path folder;
  private final byte[] tail = new byte[TAIL_MIB * MIB];
  private long tailAt;
  private NativeParts parts;
  private Image large;

  @BeforeEach
  void makeImage() throws Exception {
    NativeParts built = NativeFiles.parts();
    Image small = ImageCatalogue.read(built.images()).require("small");
    Path raw = folder.resolve("raw");
    new Random(7).nextBytes(tail);
    try (InputStream in = new ZstdInputStream(Files.newInputStream(small.compressed()));
        OutputStream out = Files.newOutputStream(raw)) {
      tailAt = in.transferTo(out);
      out.write(tail);
    }
    Path store = folder.resolve("store");
    Tasks tasks = new Tasks();
    Image[] added = new Image[1];
    tasks
        .run(
            "add",
            progress -> {
              try {
                added[0] = new ImageStore(store).add(raw, new ImageStore.Label("large", "", 64, "a test", List.of()), progress);
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            })
        .awaitSuccess();
    large = added[0];
    Files.delete(raw);
    parts = new NativeParts(built.linux(), built.mobihost(), List.of(built.images().getFirst(), store));
  }

  private static Hosts hosts(SshHosts ssh, NativeParts parts) {
    return new Hosts(parts, ssh.settings(), HostKeyPolicy.ACCEPT_NEW, Credentials.NONE);
  }

  private static Topology machines(HostUrl tokyo, HostUrl florida) {
    Topology pair = TestLabs.pair(tokyo, florida);
    return pair.withNodes(pair.nodes().stream().<Node>map(node -> ((VirtualMachine) node).withImage("large")).toList());
  }

  /** SHA-256 of a piece of the tail, as the guest reads it from its disk now. */
  private static ExecStream reading(Lab lab, String node, long offset, int count) throws InterruptedException {
    return lab.exec(
        node, ExecRequest.shell("echo 3 > /proc/sys/vm/drop_caches; dd if=/dev/vda bs=" + PIECE + " skip=" + offset / PIECE + " count=" + count + " 2>/dev/null | sha256sum"));
  }

  private static String said(ExecStream command) throws IOException {
    try (command) {
      return new String(command.stdout().readAllBytes(), StandardCharsets.UTF_8).strip();
    }
  }

  private String digest(int from, int to) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Arrays.copyOfRange(tail, from, to))) + "  -";
  }

  private void allIsRight(Lab lab, String node) throws Exception {
    assertThat(said(reading(lab, node, tailAt, tail.length / PIECE))).isEqualTo(digest(0, tail.length));
  }

  private static void finish(Lab lab) throws InterruptedException {
    for (Task fetch : lab.imageFetches()) {
      fetch.awaitSuccess();
    }
  }

  private static String phase(Lab lab, String node) {
    return lab.state().vms().get(node).phase();
  }

  @Test
  void aVmRunsAndAnswersBeforeItsImageIsWhole() throws Exception {
    try (SshHosts ssh = SshHosts.start(1);
        SlowPath path = new SlowPath(ssh.url(0));
        Hosts hosts = hosts(ssh, parts)) {
      Path whole = ssh.hostFolder(0).resolve("images").resolve(large.sha256());
      hosts.host(path.url()).agent();
      path.limit(SLOW);
      try (Lab lab = Lab.open(machines(path.url(), path.url()), hosts, new Tasks())) {
        long begun = System.nanoTime();
        lab.start(List.of("left", "right")).awaitSuccess();
        double running = (System.nanoTime() - begun) / 1e9;
        assertThat(said(lab.exec("left", ExecRequest.shell("echo $((6 * 7))")))).isEqualTo("42");
        // from the far end, which comes last by itself
        int last = tail.length - PIECE;
        assertThat(said(reading(lab, "right", tailAt + last, 1))).isEqualTo(digest(last, tail.length));
        double read = (System.nanoTime() - begun) / 1e9;
        assertThat(whole).doesNotExist();
        assertThat(lab.imageFetches()).hasSize(1);
        assertThat(lab.imageFetches().getFirst().title()).isEqualTo("Fetch image large to " + path.url().displayName());
        assertThat(phase(lab, "left")).matches("Fetching its base image: \\d+ of \\d+ MiB\\.");
        assertThat(lab.state().vms().get("left").progress().orElse(1)).isLessThan(1);
        finish(lab);
        double all = (System.nanoTime() - begun) / 1e9;
        System.out.printf("VMs ran after %.1f s, the far end was read after %.1f s, all was there after %.1f s%n", running, read, all);
        assertThat(whole).exists();
        lab.await(state -> state.vms().get("left").phase().isEmpty());
        allIsRight(lab, "left");
        allIsRight(lab, "right");
        try (var files = Files.list(whole.getParent())) {
          assertThat(files.map(Path::getFileName).map(Path::toString)).containsExactly(large.sha256());
        }
        lab.destroy().awaitSuccess();
      }
    }
  }

  @Test
  void whatWasCutOffGoesOnAtTheNextContact() throws Exception {
    try (SshHosts ssh = SshHosts.start(1);
        SlowPath path = new SlowPath(ssh.url(0))) {
      Path whole = ssh.hostFolder(0).resolve("images").resolve(large.sha256());
      Topology topology = machines(path.url(), path.url());
      try (Hosts hosts = hosts(ssh, parts)) {
        hosts.host(path.url()).agent();
        path.limit(SLOW);
        try (Lab lab = Lab.open(topology, hosts, new Tasks())) {
          lab.start(List.of("left")).awaitSuccess();
        }
      }
      path.limit(Long.MAX_VALUE);
      assertThat(whole).doesNotExist();
      String wanted = digest(0, tail.length);
      // a desktop that has the image not can only tell; the guest waits
      try (Hosts hosts = hosts(ssh, NativeFiles.parts());
          Lab lab = Lab.open(topology, hosts, new Tasks())) {
        lab.awaitKnown();
        lab.await(state -> state.vms().get("left").phase().matches("Its base image is not whole: \\d+ of \\d+ MiB are there, and nobody brings the rest.*"));
        said(lab.exec("left", ExecRequest.shell("(dd if=/dev/vda bs=" + PIECE + " skip=" + tailAt / PIECE + " 2>/dev/null | sha256sum > /tmp/sum) > /dev/null 2>&1 &")));
        Thread.sleep(3000);
        assertThat(said(lab.exec("left", ExecRequest.shell("cat /tmp/sum")))).isEmpty();
        lab.await(state -> state.vms().get("left").status() == VmStatus.RUNNING);
        assertThat(whole).doesNotExist();
      }
      try (Hosts hosts = hosts(ssh, parts);
          Lab lab = Lab.open(topology, hosts, new Tasks())) {
        lab.awaitKnown();
        finish(lab);
        assertThat(whole).exists();
        String sum = "";
        while (sum.isEmpty()) {
          sum = said(lab.exec("left", ExecRequest.shell("cat /tmp/sum")));
        }
        assertThat(sum).isEqualTo(wanted);
        allIsRight(lab, "left");
        lab.destroy().awaitSuccess();
      }
    }
  }

  @Test
  void aVmMovesBeforeItsImageIsWholeAtTheTarget() throws Exception {
    for (NativeParts desktop : List.of(parts, NativeFiles.parts())) {
      try (SshHosts ssh = SshHosts.start(2);
          SlowPath path = new SlowPath(ssh.url(1))) {
        Topology topology = machines(ssh.url(0), path.url());
        try (Hosts hosts = hosts(ssh, parts);
            Lab lab = Lab.open(topology, hosts, new Tasks())) {
          lab.start(List.of("left", "right")).awaitSuccess();
          finish(lab);
        }
        Path whole = ssh.hostFolder(1).resolve("images").resolve(large.sha256());
        // the second desktop has the image not: it comes from the host that the VM leaves
        try (Hosts hosts = hosts(ssh, desktop)) {
          hosts.host(path.url()).agent();
          path.limit(SLOW);
          try (Lab lab = Lab.open(topology, hosts, new Tasks())) {
            lab.awaitKnown();
            lab.migrate("right", "florida").awaitSuccess();
            assertThat(whole).doesNotExist();
            int last = tail.length - PIECE;
            assertThat(said(reading(lab, "right", tailAt + last, 1))).isEqualTo(digest(last, tail.length));
            assertThat(whole).doesNotExist();
            assertThat(lab.state().vms().get("right").region()).isEqualTo(Optional.of("florida"));
            path.limit(Long.MAX_VALUE);
            finish(lab);
            assertThat(whole).exists();
            allIsRight(lab, "right");
            lab.destroy().awaitSuccess();
          }
        }
      }
    }
  }

  @Test
  void aRestoredLabGoesOnBeforeItsImageIsWhole() throws Exception {
    Path file = folder.resolve("lab.mobitopolo");
    Tasks tasks = new Tasks();
    try (SshHosts ssh = SshHosts.start(2);
        SlowPath path = new SlowPath(ssh.url(1));
        Hosts hosts = hosts(ssh, parts)) {
      try (Lab lab = Lab.open(machines(ssh.url(0), ssh.url(0)), hosts, tasks)) {
        lab.start(List.of("left")).awaitSuccess();
        finish(lab);
        said(lab.exec("left", ExecRequest.shell("echo kept > /tmp/word")));
        tasks.run("Save", new SaveLab(lab, hosts, file, BundleOptions.PLAIN)).awaitSuccess();
        lab.destroy().awaitSuccess();
      }
      Path whole = ssh.hostFolder(1).resolve("images").resolve(large.sha256());
      hosts.host(path.url()).agent();
      path.limit(SLOW);
      Topology elsewhere;
      try (Bundle bundle = Bundle.open(file)) {
        elsewhere = Placement.onto(bundle.manifest(), region -> path.url());
        tasks.run("Restore", new RestoreLab(bundle, List.of(elsewhere), hosts, RestoreOptions.PLAIN)).awaitSuccess();
      }
      try (Lab lab = Lab.open(elsewhere, hosts, tasks)) {
        lab.awaitKnown();
        assertThat(said(lab.exec("left", ExecRequest.shell("cat /tmp/word")))).isEqualTo("kept");
        int last = tail.length - PIECE;
        assertThat(said(reading(lab, "left", tailAt + last, 1))).isEqualTo(digest(last, tail.length));
        assertThat(whole).doesNotExist();
        path.limit(Long.MAX_VALUE);
        finish(lab);
        assertThat(whole).exists();
        allIsRight(lab, "left");
        lab.destroy().awaitSuccess();
      }
      // and where the image is whole from the beginning
      try (Bundle bundle = Bundle.open(file)) {
        tasks.run("Restore", new RestoreLab(bundle, List.of(elsewhere), hosts, RestoreOptions.PLAIN)).awaitSuccess();
      }
      try (Lab lab = Lab.open(elsewhere, hosts, tasks)) {
        lab.awaitKnown();
        assertThat(said(lab.exec("left", ExecRequest.shell("cat /tmp/word")))).isEqualTo("kept");
        assertThat(lab.imageFetches()).isEmpty();
        lab.destroy().awaitSuccess();
      }
    }
  }
}
