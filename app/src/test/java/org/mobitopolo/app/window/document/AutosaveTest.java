// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mobitopolo.topology.Topology;

class AutosaveTest {
  private static final long NOBODY = 4_194_304L + 1; // above the largest process id of Linux

  @TempDir private Path folder;

  private final Topology lab = Topology.empty("lab-1", "My lab");

  @Test
  void aCopyWhoseWriterLivesIsNobodysLeftover() throws Exception {
    Autosave autosave = new Autosave(folder);
    autosave.keep(lab, Optional.empty());
    assertThat(autosave.left()).isEmpty();
  }

  @Test
  void aCopyWhoseWriterDiedIsFoundWithItsFile() throws Exception {
    Autosave autosave = new Autosave(folder);
    Path file = folder.resolve("mine.json").toAbsolutePath();
    autosave.keep(lab, Optional.of(file));
    letWriterDie();
    assertThat(autosave.left()).containsExactly(new Autosave.Left(lab, Optional.of(file)));
    autosave.forget(lab.id());
    assertThat(autosave.left()).isEmpty();
  }

  @Test
  void aCopyThatWasCutShortIsThrownAway() throws Exception {
    Autosave autosave = new Autosave(folder);
    autosave.keep(lab, Optional.empty());
    letWriterDie();
    Files.writeString(folder.resolve("autosave/lab-1.topology.json"), "{\"format\":");
    assertThat(autosave.left()).isEmpty();
    assertThat(folder.resolve("autosave/lab-1.topology.json")).doesNotExist();
  }

  private void letWriterDie() throws Exception {
    Path origin = folder.resolve("autosave/lab-1.origin.properties");
    String text = Files.readString(origin);
    Files.writeString(origin, text.replaceAll("pid=\\d+", "pid=" + NOBODY));
  }
}
