// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.nio.file.Path;
import javafx.scene.Node;
import javafx.stage.Stage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.mobitopolo.app.window.text.Language;
import org.mobitopolo.lab.LabState;
import org.testfx.api.FxRobot;
import org.testfx.api.FxToolkit;
import org.testfx.framework.junit5.ApplicationExtension;

/** A window with the file server in it, of which nothing runs, and a mouse and a keyboard. */
@ExtendWith(ApplicationExtension.class)
abstract class ExampleWindowTest {
  @TempDir Path folder;

  final FxRobot robot = new FxRobot();
  Stage stage;
  TestWindow window;

  @BeforeEach
  void open() {
    // the stage that the extension has made; methods with @Start it finds in the class of the test alone
    stage = FxToolkit.toolkitContext().getRegisteredStage();
    window = new TestWindow(stage, folder, Language.ENGLISH);
    window.show(Examples.fileServer(), LabState.EMPTY);
    window.await("the canvas", () -> stage.getScene().lookup("#region-florida") != null);
  }

  @AfterEach
  void close() {
    window.close();
  }

  static boolean isSeen(Node node) {
    return node.isVisible() && (node.getParent() == null || isSeen(node.getParent()));
  }}
