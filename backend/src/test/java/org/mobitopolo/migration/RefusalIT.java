// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mobitopolo.fixture.NativeFiles;
import org.mobitopolo.fixture.SshHosts;
import org.mobitopolo.fixture.TestLabs;
import org.mobitopolo.host.Credentials;
import org.mobitopolo.host.HostKeyPolicy;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.lab.Lab;
import org.mobitopolo.lab.VmStatus;
import org.mobitopolo.task.LabException;
import org.mobitopolo.task.Tasks;

/** Targets that can't take a VM say so before anything moves. The second host shows itself as another machine than it is. */
@Timeout(120)
@Tag("long")
class RefusalIT {
  private SshHosts ssh;
  private Hosts hosts;
  private Lab lab;

  @BeforeEach
  void start() throws Exception {
    Assumptions.assumeTrue(System.getProperty("user.name").equals("root"), "only root can show a host other files");
    ssh = SshHosts.start(2);
    hosts = new Hosts(NativeFiles.parts(), ssh.settings(), HostKeyPolicy.ACCEPT_NEW, Credentials.NONE);
  }

  @AfterEach
  void stop() throws Exception {
    if (lab != null) {
      lab.destroy().awaitSuccess();
      lab.close();
    }
    if (hosts != null) {
      hosts.close();
      ssh.close();
    }
  }

  private void refused(String... sentences) throws Exception {
    lab = Lab.open(TestLabs.pair(ssh.url(0), ssh.url(1)), hosts, new Tasks());
    lab.start(List.of("right")).awaitSuccess();
    lab.awaitKnown();
    assertThatThrownBy(() -> lab.migrate("right", "florida").awaitSuccess())
        .isInstanceOf(LabException.MigrationFailed.class)
        .hasMessageContaining("right could not be moved to Florida")
        .hasMessageContainingAll(sentences);
    assertThat(lab.state().vm("right").status()).isEqualTo(VmStatus.RUNNING);
    assertThat(lab.state().vm("right").region()).contains("tokyo");
    assertThat(lab.topology().node("right").orElseThrow().region()).contains("tokyo");
    assertThat(ssh.hostFolder(1).resolve("vms")).isEmptyDirectory();
  }

  @Test
  void tooLittleMemory() throws Exception {
    String all = Files.readString(Path.of("/proc/meminfo"));
    ssh.disguise(1, Map.of("/proc/meminfo", all.replaceAll("MemAvailable: +\\d+", "MemAvailable: 30720")));
    refused("70 MiB of memory", "30 MiB free", "choose another host");
  }

  @Test
  void tooLittleDisk() throws Exception {
    ssh.limitDisk(1, 60);
    refused("its disks need", "MiB free", "Free space there or choose another host");
  }

  @Test
  void aCpuThatLacksSomething() throws Exception {
    String all = Files.readString(Path.of("/proc/cpuinfo"));
    ssh.disguise(1, Map.of("/proc/cpuinfo", all.replaceAll("\\b(avx2|sse4_2)\\b ?", "")));
    refused("CPU lacks", "sse4_2", "Choose a host with the same or a newer CPU");
  }
}
