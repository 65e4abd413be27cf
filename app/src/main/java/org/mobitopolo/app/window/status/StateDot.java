// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.status;

import javafx.scene.control.Tooltip;
import javafx.scene.layout.Region;
import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.host.HostState;
import org.mobitopolo.lab.VmState;

/** A small round mark in the colour of a state; its tooltip says the state in words. */
public final class StateDot extends Region {
  private static final int SIZE = 8;

  private final Texts texts;
  private final Tooltip tooltip = new Tooltip();
  private String shown = "";

  public StateDot(Texts texts) {
    this.texts = texts;
    getStyleClass().add("status-dot");
    setMinSize(SIZE, SIZE);
    setPrefSize(SIZE, SIZE);
    setMaxSize(SIZE, SIZE);
    Tooltip.install(this, tooltip);
  }

  public void show(VmState state) {
    String look =
        switch (state.status()) {
          case RUNNING -> "good";
          case MIGRATING -> "moving";
          case PREPARING, BOOTING, STOPPING -> "busy";
          case CRASHED -> "bad";
          case STOPPED, PARKED -> "off";
          case UNKNOWN -> "unknown";
        };
    show(look, VmStates.describe(state, texts));
  }

  public void show(HostState state) {
    String look =
        switch (state.status()) {
          case CONNECTED -> "good";
          case CONNECTING -> "busy";
          case UNREACHABLE -> "bad";
          case IDLE -> "off";
        };
    show(look, HostStates.describe(state, texts));
  }

  private void show(String look, String words) {
    if (!look.equals(shown)) {
      getStyleClass().remove(shown);
      getStyleClass().add(look);
      shown = look;
    }
    tooltip.setText(words);
    setAccessibleText(words);
  }
}
