// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import javafx.beans.property.SimpleBooleanProperty;
import org.junit.jupiter.api.Test;

class CommandPaletteTest {
  private final SimpleBooleanProperty closed = new SimpleBooleanProperty(true);
  private final Command zoomIn = Command.of("Zoom in", null, "", () -> {});
  private final Command save = Command.of("Save as…", null, "", () -> {});
  private final Command stop = Command.of("Stop all", null, "", () -> {}).disabledWhen(closed);
  private final List<Command> all = List.of(zoomIn, save, stop);

  @Test
  void nothingTypedFindsAllThatCanBeDone() {
    assertThat(CommandPalette.matches(all, "")).containsExactly(zoomIn, save);
  }

  @Test
  void allWordsMustOccurInAnyOrderAndCase() {
    assertThat(CommandPalette.matches(all, "IN zo")).containsExactly(zoomIn);
    assertThat(CommandPalette.matches(all, "zoom out")).isEmpty();
  }

  @Test
  void whatCannotBeDoneNowIsNotOffered() {
    assertThat(CommandPalette.matches(all, "stop")).isEmpty();
    closed.set(false);
    assertThat(CommandPalette.matches(all, "stop")).containsExactly(stop);
  }
}
