// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UserFoldersTest {

  @Test
  void theStateFolderFollowsTheEnvironment() {
    assertThat(UserFolders.of(Map.of("HOME", "/home/ann")).state())
        .isEqualTo(Path.of("/home/ann/.local/state/mobitopolo"));
    assertThat(UserFolders.of(Map.of("HOME", "/home/ann", "XDG_STATE_HOME", "/s")).state())
        .isEqualTo(Path.of("/s/mobitopolo"));
    assertThat(UserFolders.of(Map.of("HOME", "/home/ann", "XDG_STATE_HOME", "relative")).state())
        .isEqualTo(Path.of("/home/ann/.local/state/mobitopolo"));
  }

  @Test
  void ownImagesDontLieWhereThisComputerKeepsThoseOfItsVms() {
    assertThat(UserFolders.of(Map.of("HOME", "/home/ann")).images())
        .isEqualTo(Path.of("/home/ann/.local/share/mobitopolo/guest-images"));
    assertThat(UserFolders.of(Map.of("HOME", "/home/ann", "XDG_DATA_HOME", "/d")).images())
        .isEqualTo(Path.of("/d/mobitopolo/guest-images"));
  }
}
