// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import javafx.scene.Parent;
import javafx.scene.Scene;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.stage.Stage;
import javafx.stage.Window;
import javafx.stage.WindowEvent;

/**
 * A window beside the main one, in the same look, that Escape closes. The focus goes back to the
 * window it came from.
 */
final class ToolWindow {
  private static final double WIDTH = 820;
  private static final double HEIGHT = 520;

  private ToolWindow() {}

  static Stage show(WindowContext context, Window owner, String title, Parent content) {
    Stage stage = new Stage();
    stage.initOwner(owner);
    stage.setTitle(title);
    Scene scene = new Scene(content, WIDTH, HEIGHT);
    context.theme().dress(scene);
    scene.addEventHandler(
        KeyEvent.KEY_PRESSED,
        event -> {
          if (event.getCode() == KeyCode.ESCAPE) {
            stage.close();
          }
        });
    stage.setScene(scene);
    stage.addEventHandler(WindowEvent.WINDOW_HIDDEN, _ -> owner.requestFocus());
    stage.show();
    return stage;
  }
}
