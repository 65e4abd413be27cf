// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mobitopolo.fixture.NativeFiles;
import org.mobitopolo.fixture.SshHosts;
import org.mobitopolo.fixture.TestLabs;
import org.mobitopolo.host.Credentials;
import org.mobitopolo.host.HostKeyPolicy;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.host.NativeParts;
import org.mobitopolo.image.Image;
import org.mobitopolo.image.ImageCatalogue;
import org.mobitopolo.task.Tasks;
import org.mobitopolo.topology.Topology;

/** A VM keeps the base image that it was made with, wherever it goes and whoever looks after it. */
@Timeout(300)
@Tag("long")
class BaseImageIT {
  @TempDir private Path folder;

  /** A catalogue in which the image of that name is another. */
  private NativeParts ofLaterVersion(Image image) throws Exception {
    Files.writeString(folder.resolve(image.name() + ".img.zst"), "never read");
    Files.writeString(
        folder.resolve(image.name() + ".json"), "{\"name\":\"" + image.name() + "\",\"sha256\":\"" + "ab".repeat(32) + "\",\"sizeBytes\":" + image.sizeBytes() + "}");
    NativeParts parts = NativeFiles.parts();
    return new NativeParts(parts.linux(), parts.mobihost(), List.of(folder));
  }

  private static Hosts hosts(SshHosts ssh, NativeParts parts) {
    return new Hosts(parts, ssh.settings(), HostKeyPolicy.ACCEPT_NEW, Credentials.NONE);
  }

  @Test
  void aTargetThatLacksItGetsItFromTheSource() throws Exception {
    Image image = ImageCatalogue.read(NativeFiles.parts().images()).require("small");
    try (SshHosts ssh = SshHosts.start(2)) {
      Topology topology = TestLabs.pair(ssh.url(0), ssh.url(1));
      try (Hosts hosts = hosts(ssh, NativeFiles.parts());
          Lab lab = Lab.open(topology, hosts, new Tasks())) {
        lab.start(List.of("left", "right")).awaitSuccess();
        lab.settle().awaitSuccess();
      }
      Path there = ssh.hostFolder(1).resolve("images").resolve(image.sha256());
      assertThat(there).doesNotExist();
      try (Hosts hosts = hosts(ssh, ofLaterVersion(image));
          Lab lab = Lab.open(topology, hosts, new Tasks())) {
        lab.awaitKnown();
        lab.migrate("right", "florida").awaitSuccess();
        assertThat(there).exists();
        // reads programs that it has not read before
        try (ExecStream command = lab.exec("right", ExecRequest.shell("echo 3 > /proc/sys/vm/drop_caches; find / -xdev -type f -exec cat {} + | wc -c"))) {
          String output = new String(command.stdout().readAllBytes(), StandardCharsets.UTF_8);
          assertThat(Long.parseLong(output.strip())).isPositive();
          assertThat(command.exit().join()).isEqualTo(new ExecStream.Exit.Status(0));
        }
        lab.destroy().awaitSuccess();
      }
    }
  }
}
