// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TerminalCallsTest {

  @Test
  void windowsHasNoSuchCallsAndNeedsNone() {
    assertThat(TerminalCalls.of("Windows 11")).isEmpty();
  }

  @Test
  void aDescriptorThatIsNotOpenIsNoTerminal() {
    TerminalCalls calls = TerminalCalls.of("Linux").orElseThrow();
    assertThat(calls.isTerminal(9999)).isFalse();
  }
}
