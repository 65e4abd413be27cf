// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobitopolo.task.LabException;

class LocalTransportTest {

  @ParameterizedTest
  @ValueSource(strings = {"Windows 11", "Mac OS X"})
  void aComputerWithoutLinuxIsNoHost(String system) {
    assertThatThrownBy(() -> LocalTransport.on(system))
        .isInstanceOf(LabException.HostUnreachable.class)
        .hasMessageContaining(system)
        .hasMessageContaining("Linux computer that SSH reaches");
  }

  @Test
  void aLinuxComputerRunsCommands() throws Exception {
    try (LocalTransport transport = LocalTransport.on("Linux")) {
      RemoteProcess process = transport.start("echo here");
      assertThat(new String(process.stdout().readAllBytes(), StandardCharsets.US_ASCII)).isEqualTo("here\n");
      assertThat(process.waitFor()).isZero();
    }
  }
}
