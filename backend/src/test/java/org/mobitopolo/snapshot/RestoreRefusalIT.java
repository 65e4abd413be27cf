// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mobitopolo.fixture.GuestPrograms;
import org.mobitopolo.fixture.NativeFiles;
import org.mobitopolo.fixture.SshHosts;
import org.mobitopolo.host.Credentials;
import org.mobitopolo.host.HostKeyPolicy;
import org.mobitopolo.host.Hosts;
import org.mobitopolo.snapshot.bundle.Bundle;
import org.mobitopolo.snapshot.bundle.BundleWriter;
import org.mobitopolo.snapshot.bundle.Manifest;
import org.mobitopolo.task.LabException;
import org.mobitopolo.task.Tasks;
import org.mobitopolo.topology.Topology;

/** Hosts that can't take a saved lab say so before anything is created. The second host shows itself as another machine than it is. */
@Timeout(180)
@Tag("long")
class RestoreRefusalIT {
  @TempDir Path folder;

  private SshHosts ssh;
  private Hosts hosts;
  private Path file;

  @BeforeEach
  void saveALab() throws Exception {
    Assumptions.assumeTrue(System.getProperty("user.name").equals("root"), "only root can show a host other files");
    ssh = SshHosts.start(2);
    hosts = new Hosts(NativeFiles.parts(), ssh.settings(), HostKeyPolicy.ACCEPT_NEW, Credentials.NONE);
    file = folder.resolve("lab.mobitopolo");
    RunningLab lab = RunningLab.start(RunningLab.topology(ssh.url(0), ssh.url(0)), hosts, GuestPrograms.compile("stream"));
    try {
      new Tasks().run("Save", new SaveLab(lab.lab(), hosts, file, BundleOptions.PLAIN)).awaitSuccess();
    } finally {
      lab.destroy();
    }
  }

  @AfterEach
  void stop() {
    if (hosts != null) {
      hosts.close();
      ssh.close();
    }
  }

  private void assertRefused(String... sentences) throws Exception {
    try (Bundle bundle = Bundle.open(file)) {
      Topology there = Placement.onto(bundle.manifest(), region -> ssh.url(1));
      assertThatThrownBy(() -> new Tasks().run("Restore", new RestoreLab(bundle, List.of(there), hosts, RestoreOptions.PLAIN)).awaitSuccess())
          .isInstanceOf(LabException.HostUnfit.class)
          .hasMessageContaining("Nothing was created.")
          .hasMessageContainingAll(sentences);
    }
    Path vms = ssh.hostFolder(1).resolve("vms");
    if (Files.exists(vms)) {
      try (Stream<Path> left = Files.list(vms)) {
        assertThat(left).isEmpty();
      }
    }
  }

  @Test
  void tooLittleMemory() throws Exception {
    ssh.disguise(1, Map.of("/proc/meminfo", Files.readString(Path.of("/proc/meminfo")).replaceAll("MemAvailable: +\\d+", "MemAvailable: 30720")));
    assertRefused("30 MiB of memory free", "are needed", "Stop other VMs");
  }

  @Test
  void anotherCpu() throws Exception {
    ssh.disguise(1, Map.of("/proc/cpuinfo", Files.readString(Path.of("/proc/cpuinfo")).replaceAll(" sse4_2\\b", "").replaceAll(" popcnt\\b", "")));
    assertRefused("lacks what the programs of", "sse4_2, popcnt", "Choose a host");
  }

  @Test
  void aGuestKernelThatIsNotThere() throws Exception {
    Path other = folder.resolve("other.mobitopolo");
    rewriteWithKernel(other, "0123456789abcdef".repeat(4));
    file = other;
    assertRefused("does not have the guest kernel", "0123456789ab", "the version of Mobitopolo that saved the lab");
  }

  /** The same lab as another version of this program would have saved it. */
  private void rewriteWithKernel(Path target, String kernel) throws Exception {
    try (Bundle bundle = Bundle.open(file)) {
      Manifest saved = bundle.manifest();
      List<Manifest.Machine> machines = new ArrayList<>();
      saved.machines().forEach(machine -> machines.add(new Manifest.Machine(machine.node(), machine.region(), kernel, Optional.of("ab".repeat(32)), machine.head())));
      Manifest changed = new Manifest(saved.name(), saved.created(), saved.topology(), saved.places(), machines, saved.images());
      try (BundleWriter writer = BundleWriter.create(target, changed, Optional.empty())) {
        for (int i = 0; i < machines.size(); i++) {
          ByteArrayOutputStream state = new ByteArrayOutputStream();
          bundle.writeState(i, state);
          writer.machine(i, machines.get(i).head(), new ByteArrayInputStream(state.toByteArray()), taken -> {});
        }
        writer.finish();
      }
    }
  }
}
