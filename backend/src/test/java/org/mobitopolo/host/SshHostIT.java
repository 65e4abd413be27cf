// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mobitopolo.fixture.NativeFiles;
import org.mobitopolo.fixture.SshHosts;
import org.mobitopolo.task.LabException;
import org.mobitopolo.topology.HostUrl;

/** Connections to real SSH servers and what can go wrong with them. */
@Timeout(120)
class SshHostIT {
  private static SshHosts ssh;

  @BeforeAll
  static void start() throws Exception {
    ssh = SshHosts.start(2);
  }

  @AfterAll
  static void stop() throws Exception {
    ssh.close();
  }

  private static Hosts hosts(HostKeyPolicy policy) {
    return new Hosts(NativeFiles.parts(), ssh.settings(), policy, Credentials.NONE);
  }

  @Test
  void theAgentIsPutThereOnceAndAnswers() throws Exception {
    List<String> phases = new CopyOnWriteArrayList<>();
    try (Hosts hosts = hosts(HostKeyPolicy.ACCEPT_NEW)) {
      hosts.addListener(state -> phases.add(state.phase()));
      Agent agent = hosts.host(ssh.url(0)).agent();
      assertThat(agent.facts().cpus()).isPositive();
      assertThat(agent.facts().cpuFeatures()).contains("sse2");
      assertThat(agent.address()).contains("127.0.0.1");
      assertThat(phases).anyMatch(phase -> phase.contains("guest kernel"));
    }
    Path agents = ssh.hostFolder(0).resolve("agent");
    try (Stream<Path> folders = Files.list(agents)) {
      List<Path> installed = folders.toList();
      assertThat(installed).hasSize(1);
      assertThat(installed.getFirst().resolve("linux")).hasSameBinaryContentAs(NativeFiles.parts().linux());
      assertThat(installed.getFirst().resolve("mobihost")).hasSameBinaryContentAs(NativeFiles.parts().mobihost());
    }
    phases.clear();
    try (Hosts again = hosts(HostKeyPolicy.KNOWN_ONLY)) {
      again.addListener(state -> phases.add(state.phase()));
      again.host(ssh.url(0)).agent();
      assertThat(phases).noneMatch(phase -> phase.contains("Uploading"));
    }
  }

  @Test
  void anUnknownKeyIsShownAndMayBeRefused() throws Exception {
    List<HostKeyPolicy.UnknownKey> asked = new CopyOnWriteArrayList<>();
    SshSettings fresh = new SshSettings(ssh.settings().sshFolder(), Files.createTempDirectory("mobitopolo-known-").resolve("known_hosts"), Optional.empty());
    HostKeyPolicy refuse =
        unknown -> {
          asked.add(unknown);
          return false;
        };
    try (Hosts hosts = new Hosts(NativeFiles.parts(), fresh, refuse, Credentials.NONE)) {
      assertThatThrownBy(() -> hosts.host(ssh.url(0)).agent())
          .isInstanceOf(LabException.HostKeyRefused.class)
          .hasMessageContaining("not known and was not accepted")
          .hasMessageContaining("Nothing was sent");
    }
    assertThat(asked).singleElement().satisfies(key -> assertThat(key.fingerprint()).startsWith("SHA256:"));
    assertThat(fresh.knownHosts()).doesNotExist();
    Files.delete(fresh.knownHosts().getParent());
  }

  @Test
  void aChangedKeyIsRefusedWhateverThePolicySays() throws Exception {
    try (Hosts hosts = hosts(HostKeyPolicy.ACCEPT_NEW)) {
      hosts.host(ssh.url(1)).agent();
    }
    ssh.stopServer(1);
    ssh.changeHostKey(1);
    ssh.restartServer(1);
    try (Hosts hosts = hosts(HostKeyPolicy.ACCEPT_NEW)) {
      assertThatThrownBy(() -> hosts.host(ssh.url(1)).agent())
          .isInstanceOf(LabException.HostKeyRefused.class)
          .hasMessageContaining("another host key than before")
          .hasMessageContaining("ssh-keygen -R");
    }
  }

  @Test
  void aRefusedLoginSaysSo() {
    HostUrl.Ssh url = ssh.url(0);
    HostUrl.Ssh stranger = new HostUrl.Ssh(Optional.of("nobody-of-that-name"), url.host(), url.port(), url.folder());
    try (Hosts hosts = hosts(HostKeyPolicy.ACCEPT_NEW)) {
      assertThatThrownBy(() -> hosts.host(stranger).agent())
          .isInstanceOf(LabException.LoginRefused.class)
          .hasMessageContaining("nobody-of-that-name@127.0.0.1")
          .hasMessageContaining("none of the keys");
    }
  }

  @Test
  void aHostWhereNobodyListensIsUnreachable() {
    HostUrl.Ssh nowhere = new HostUrl.Ssh(Optional.empty(), "127.0.0.1", OptionalInt.of(1), Optional.empty());
    try (Hosts hosts = hosts(HostKeyPolicy.ACCEPT_NEW)) {
      assertThatThrownBy(() -> hosts.host(nowhere).agent()).isInstanceOf(LabException.HostUnreachable.class).hasMessageContaining("Connection refused");
      assertThat(hosts.host(nowhere).state().status()).isEqualTo(HostState.Status.UNREACHABLE);
    }
  }

  @Test
  void anAliasOfTheSshConfigurationLeadsThere() throws Exception {
    HostUrl.Ssh url = ssh.url(0);
    Path folder = Files.createTempDirectory("mobitopolo-config-");
    Path key = Files.copy(ssh.settings().sshFolder().resolve("id_ed25519"), folder.resolve("special"));
    Path config =
        Files.writeString(
            folder.resolve("config"),
            """
            Host lab-box
              HostName %s
              Port %d
              User %s
              IdentityFile special
              IdentitiesOnly yes
            """
                .formatted(url.host(), url.port().getAsInt(), url.user().orElseThrow()));
    SshSettings settings = new SshSettings(folder, folder.resolve("known"), Optional.empty());
    try (Hosts hosts = new Hosts(NativeFiles.parts(), settings, HostKeyPolicy.ACCEPT_NEW, Credentials.NONE)) {
      Agent agent = hosts.host(HostUrl.parse("ssh://lab-box" + url.folder().orElseThrow())).agent();
      assertThat(agent.address()).contains(url.host());
    }
    for (Path file : List.of(key, config, settings.knownHosts(), folder)) {
      Files.delete(file);
    }
  }

  @Test
  void aBrokenConnectionComesBackByItself() throws Exception {
    try (Hosts hosts = hosts(HostKeyPolicy.ACCEPT_NEW)) {
      Host host = hosts.host(ssh.url(0));
      Agent first = host.agent();
      ssh.stopServer(0);
      while (host.state().status() == HostState.Status.CONNECTED) {
        Thread.sleep(20);
      }
      assertThatThrownBy(() -> first.call("facts", first.params())).isInstanceOf(LabException.class);
      ssh.restartServer(0);
      while (host.agentNow().isEmpty()) {
        Thread.sleep(20);
      }
      assertThat(host.agentNow().orElseThrow().call("facts", first.params()).path("cpus").asInt(0)).isPositive();
    }
  }
}
