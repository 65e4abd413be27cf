// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Screens of programs that use all a terminal can do. What they wrote on a terminal of 80 by 24 was
 * recorded; the texts are what tmux showed after the same bytes.
 */
class ProgramScreensTest {
  private static final int COLUMNS = 80;
  private static final int ROWS = 24;

  @ParameterizedTest
  @ValueSource(strings = {"vim", "vim-syntax", "htop", "top", "less"})
  void aProgramsScreenIsAsAnotherTerminalShowsIt(String program) throws Exception {
    TerminalModel model = new TerminalModel(COLUMNS, ROWS, () -> {}, _ -> {});
    model.start(program);
    try {
      CountDownLatch consumed = new CountDownLatch(1);
      model.feed(resource(program + ".bytes"), consumed::countDown);
      assertThat(consumed.await(10, TimeUnit.SECONDS)).isTrue();
      String expected = new String(resource(program + ".txt"), StandardCharsets.UTF_8);
      assertThat(trimmed(model.screen().orElseThrow().text())).isEqualTo(trimmed(expected));
    } finally {
      model.dispose();
    }
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = ProgramScreensTest.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }

  private static String trimmed(String screen) {
    return screen.lines().map(String::stripTrailing).collect(Collectors.joining("\n")).stripTrailing();
  }
}
