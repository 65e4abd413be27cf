// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ConsoleEscapeTest {

  private final ConsoleEscape escape = new ConsoleEscape();

  private String type(String keys) {
    return new String(escape.filter(keys.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
  }

  @Test
  void ordinaryKeysPassAtOnce() {
    assertThat(type("ls -l\r")).isEqualTo("ls -l\r");
    assertThat(type("é\u0003\u001b[A")).isEqualTo("é\u0003\u001b[A");
    assertThat(escape.left()).isFalse();
  }

  @Test
  void controlBracketLeavesAnywhere() {
    assertThat(type("abc\u001ddef")).isEqualTo("abc");
    assertThat(escape.left()).isTrue();
  }

  @Test
  void tildeDotLeavesAtTheBeginningOfALine() {
    assertThat(type("~.")).isEmpty();
    assertThat(escape.left()).isTrue();
  }

  @Test
  void tildeDotLeavesAfterReturnAlsoWhenTypedKeyByKey() {
    assertThat(type("ls\r")).isEqualTo("ls\r");
    assertThat(type("~")).isEmpty();
    assertThat(escape.left()).isFalse();
    assertThat(type(".")).isEmpty();
    assertThat(escape.left()).isTrue();
  }

  @Test
  void tildeInsideALineIsATilde() {
    assertThat(type("cd ~.\r")).isEqualTo("cd ~.\r");
    assertThat(escape.left()).isFalse();
  }

  @Test
  void aTildeThatBeginsNoEscapeIsPassedWithTheNextKey() {
    assertThat(type("~")).isEmpty();
    assertThat(type("/x\r")).isEqualTo("~/x\r");
    assertThat(type("~~.")).isEqualTo("~.");
    assertThat(escape.left()).isFalse();
  }
}
