// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobitopolo.topology.HostUrl;

class SshConfigHostsTest {
  @TempDir private Path folder;

  @Test
  void namesOfTheConfigurationAreOfferedButNotItsRules() throws Exception {
    Path config =
        Files.writeString(
            folder.resolve("config"),
            """
            # mine
            Host tokyo tokyo2
              HostName tokyo.example.org
              User ann
              Port 2222
            Host *.lab !bad
              User root
            Host=florida
              ProxyJump gate
            Match all
              HostName nowhere
            """);
    assertThat(SshConfigHosts.read(config))
        .containsExactly(
            new SshConfigHosts.Entry(HostUrl.parse("ssh://tokyo"), "ann@tokyo.example.org:2222"),
            new SshConfigHosts.Entry(HostUrl.parse("ssh://tokyo2"), "ann@tokyo.example.org:2222"),
            new SshConfigHosts.Entry(HostUrl.parse("ssh://florida"), " ← gate"));
  }

  @Test
  void aFileThatIsNotThereHasNoHosts() {
    assertThat(SshConfigHosts.read(folder.resolve("none"))).isEmpty();
  }

  @Test
  void filesThatIncludeThemselvesEnd() throws Exception {
    Path config = Files.writeString(folder.resolve("config"), "Host one\nInclude config\n");
    assertThat(SshConfigHosts.read(config)).extracting(SshConfigHosts.Entry::url).containsExactly(HostUrl.parse("ssh://one"));
  }
}
