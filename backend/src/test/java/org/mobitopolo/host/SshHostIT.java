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
import org.junit.jupiter.api.io.TempDir;
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

  private static Path newKey(Path folder, String passphrase) throws Exception {
    Path key = folder.resolve("another");
    assertThat(new ProcessBuilder("ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", "another", "-f", key.toString()).start().waitFor()).isZero();
    ssh.authorize(0, folder.resolve("another.pub"));
    return key;
  }

  /** Settings of an account that has nothing but this configuration. */
  private static SshSettings settings(Path folder, Optional<Path> agentSocket, String configuration) throws Exception {
    Files.writeString(folder.resolve("config"), configuration);
    return new SshSettings(folder, folder.resolve("known"), agentSocket);
  }

  @Test
  void thePassphraseOfAKeyIsAskedForOnceAndRemembered(@TempDir Path folder) throws Exception {
    newKey(folder, "open sesame");
    List<String> asked = new CopyOnWriteArrayList<>();
    Credentials user = new Answers(asked, "open sesame");
    SshSettings settings = settings(folder, Optional.empty(), "Host *\n  IdentityFile another\n");
    try (Hosts hosts = new Hosts(NativeFiles.parts(), settings, HostKeyPolicy.ACCEPT_NEW, user)) {
      Host host = hosts.host(ssh.url(0));
      host.agent();
      ssh.stopServer(0);
      while (host.state().status() == HostState.Status.CONNECTED) {
        Thread.sleep(20);
      }
      ssh.restartServer(0);
      while (host.agentNow().isEmpty()) {
        Thread.sleep(20);
      }
    }
    assertThat(asked).singleElement().satisfies(key -> assertThat(key).endsWith("another"));
  }

  @Test
  void aWrongPassphraseIsARefusedLogin(@TempDir Path folder) throws Exception {
    newKey(folder, "open sesame");
    SshSettings settings = settings(folder, Optional.empty(), "Host *\n  IdentityFile another\n");
    try (Hosts hosts = new Hosts(NativeFiles.parts(), settings, HostKeyPolicy.ACCEPT_NEW, new Answers(new CopyOnWriteArrayList<>(), "wrong"))) {
      assertThatThrownBy(() -> hosts.host(ssh.url(0)).agent()).isInstanceOf(LabException.LoginRefused.class).hasMessageContaining("passphrase");
    }
  }

  @Test
  void theSshAgentsKeysAreUsed(@TempDir Path folder) throws Exception {
    Path key = newKey(folder, "");
    Path socket = folder.resolve("agent");
    Process agent = new ProcessBuilder("ssh-agent", "-D", "-a", socket.toString()).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    try {
      while (Files.notExists(socket)) {
        Thread.sleep(10);
      }
      ProcessBuilder add = new ProcessBuilder("ssh-add", "-q", key.toString());
      add.environment().put("SSH_AUTH_SOCK", socket.toString());
      assertThat(add.start().waitFor()).isZero();
      Files.delete(key);
      try (Hosts hosts = new Hosts(NativeFiles.parts(), settings(folder, Optional.of(socket), ""), HostKeyPolicy.ACCEPT_NEW, Credentials.NONE)) {
        assertThat(hosts.host(ssh.url(0)).agent().facts().cpus()).isPositive();
      }
    } finally {
      agent.destroy();
      agent.waitFor();
    }
  }

  @Test
  void aHostBehindAJumpHostIsReachedThroughIt(@TempDir Path folder) throws Exception {
    HostUrl.Ssh jump = ssh.url(0);
    HostUrl.Ssh behind = ssh.url(1);
    Path key = ssh.settings().sshFolder().resolve("id_ed25519");
    String configuration =
        """
        Host behind
          HostName %s
          Port %d
          ProxyJump %s@%s:%d
        Host *
          User %s
          IdentityFile %s
        """
            .formatted(
                behind.host(), behind.port().getAsInt(), jump.user().orElseThrow(), jump.host(), jump.port().getAsInt(), behind.user().orElseThrow(), key);
    try (Hosts hosts = new Hosts(NativeFiles.parts(), settings(folder, Optional.empty(), configuration), HostKeyPolicy.ACCEPT_NEW, Credentials.NONE)) {
      Agent agent = hosts.host(HostUrl.parse("ssh://behind" + behind.folder().orElseThrow())).agent();
      assertThat(agent.facts().cpus()).isPositive();
      assertThat(agent.address()).isEmpty();
    }
    assertThat(folder.resolve("known")).content().contains("[127.0.0.1]").contains("[127.0.0.2]");
  }

  /** A user who knows one answer. */
  private record Answers(List<String> asked, String answer) implements Credentials {
    @Override
    public Optional<String> passphrase(String keyFile) {
      asked.add(keyFile);
      return Optional.of(answer);
    }

    @Override
    public Optional<String> password(String account) {
      return Optional.empty();
    }

    @Override
    public Optional<List<String>> answers(String account, String instruction, List<Prompt> prompts) {
      return Optional.empty();
    }
  }
}
