// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
  @TempDir private Path folder;

  @Test
  void valuesLastUntilTheNextRun() {
    new Settings(folder).put("theme", "DARK");
    assertThat(new Settings(folder).get("theme")).contains("DARK");
    assertThat(new Settings(folder).get("other")).isEmpty();
  }

  @Test
  void recentFilesStandInTheOrderOfUseEachOnce() {
    Settings settings = new Settings(folder);
    for (int i = 0; i < 12; i++) {
      settings.addRecentFile(folder.resolve(i + ".json"));
    }
    settings.addRecentFile(folder.resolve("5.json"));
    assertThat(new Settings(folder).recentFiles())
        .hasSize(10)
        .startsWith(folder.resolve("5.json"), folder.resolve("11.json"))
        .doesNotHaveDuplicates()
        .doesNotContain(folder.resolve("0.json"));
    settings.removeRecentFile(folder.resolve("5.json"));
    assertThat(new Settings(folder).recentFiles())
        .hasSize(9)
        .doesNotContain(folder.resolve("5.json"));
  }

  @Test
  void aDamagedFileCountsAsEmptyAndIsReplaced() throws Exception {
    Files.writeString(folder.resolve("window.properties"), "theme=\\u12");
    Settings settings = new Settings(folder);
    assertThat(settings.get("theme")).isEmpty();
    settings.put("theme", "LIGHT");
    assertThat(new Settings(folder).get("theme")).contains("LIGHT");
  }
}
