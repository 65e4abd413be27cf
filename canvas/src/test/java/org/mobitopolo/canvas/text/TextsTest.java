// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.mobitopolo.canvas.model.NodeState;

class TextsTest {
  private static final Pattern USED = Pattern.compile("texts(?:\\(\\))?\\.get\\(\\s*\"([a-z.-]+)\"");

  private static Texts in(Locale locale) {
    Texts texts = new Texts();
    texts.use(locale);
    return texts;
  }

  @Test
  void bothLanguagesHaveTheSameTexts() {
    assertThat(in(Locale.JAPANESE).keys()).isEqualTo(in(Locale.ENGLISH).keys());
  }

  @Test
  void everyTextThatTheCodeAsksForIsThere() throws IOException {
    Set<String> used = new TreeSet<>();
    try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        Matcher matcher = USED.matcher(Files.readString(file));
        while (matcher.find()) {
          used.add(matcher.group(1));
        }
      }
    }
    used.removeIf(key -> key.endsWith("."));
    assertThat(used).hasSizeGreaterThan(12);
    assertThat(in(Locale.ENGLISH).keys()).containsAll(used);
    for (NodeState state : NodeState.values()) {
      assertThat(in(Locale.JAPANESE).get("state." + state.name())).isNotBlank();
    }
  }

  @Test
  void numbersTakeTheRightForm() {
    assertThat(in(Locale.ENGLISH).get("node.switch", 1)).isEqualTo("switch \u00b7 1 port");
    assertThat(in(Locale.ENGLISH).get("node.switch", 12)).isEqualTo("switch \u00b7 12 ports");
    assertThat(in(Locale.JAPANESE).get("node.switch", 12)).isEqualTo("スイッチ \u00b7 12 ポート");
  }

  @Test
  void anUnknownLanguageIsEnglish() {
    assertThat(in(Locale.FRENCH).get("link.down")).isEqualTo("down");
  }
}
