// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.theme;

import atlantafx.base.theme.PrimerDark;
import atlantafx.base.theme.PrimerLight;
import javafx.application.Application;
import javafx.application.ColorScheme;
import javafx.application.Platform;
import javafx.beans.property.ObjectProperty;
import javafx.beans.property.ReadOnlyBooleanProperty;
import javafx.beans.property.ReadOnlyBooleanWrapper;
import javafx.beans.property.SimpleObjectProperty;
import javafx.scene.Scene;

/**
 * The look of the program: AtlantaFX Primer, light or dark, and our own style sheet on top. FX
 * thread only.
 */
public final class Theme {
  /** What the user chose. */
  public enum Choice {
    SYSTEM,
    LIGHT,
    DARK
  }

  private final ObjectProperty<Choice> choice = new SimpleObjectProperty<>(Choice.SYSTEM);
  private final ReadOnlyBooleanWrapper dark = new ReadOnlyBooleanWrapper();

  public Theme(Choice initial) {
    choice.set(initial);
    choice.addListener(_ -> apply());
    Platform.getPreferences().colorSchemeProperty().addListener(_ -> apply());
    apply();
  }

  private void apply() {
    boolean wantsDark =
        switch (choice.get()) {
          case SYSTEM -> Platform.getPreferences().getColorScheme() == ColorScheme.DARK;
          case LIGHT -> false;
          case DARK -> true;
        };
    Application.setUserAgentStylesheet(
        (wantsDark ? new PrimerDark() : new PrimerLight()).getUserAgentStylesheet());
    dark.set(wantsDark);
  }

  public ObjectProperty<Choice> choice() {
    return choice;
  }

  public ReadOnlyBooleanProperty dark() {
    return dark.getReadOnlyProperty();
  }

  /** Goes from dark to light or back, whatever the system has. */
  public void toggle() {
    choice.set(dark.get() ? Choice.LIGHT : Choice.DARK);
  }

  /** Gives a window's scene our own style sheet. */
  public void dress(Scene scene) {
    scene.getStylesheets().add(Theme.class.getResource("mobitopolo.css").toExternalForm());
  }
}
