// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTest {

  @Test
  void whatAHostSaysBecomesOneCleanLine() {
    assertThat(Printable.line(" a\r\nb\u001b[0m\u202ec\t\u0000 ", 100)).isEqualTo("a b [0m c");
    assertThat(Printable.line("x".repeat(50), 10)).isEqualTo("xxxxxxxxxx…");
  }

  @Test
  void sentencesEndOnce() {
    assertThat(Printable.sentence("No room")).isEqualTo("No room.");
    assertThat(Printable.sentence("No room!")).isEqualTo("No room!");
    assertThat(Printable.sentence("")).isEmpty();
  }

  @Test
  void shellWordsStayOneWord() throws Exception {
    String nasty = "a'b \"c\" $HOME `id` \\ \n;";
    Process echo = new ProcessBuilder("/bin/sh", "-c", "printf %s " + Shell.quote(nasty)).start();
    assertThat(new String(echo.getInputStream().readAllBytes())).isEqualTo(nasty);
  }
}
