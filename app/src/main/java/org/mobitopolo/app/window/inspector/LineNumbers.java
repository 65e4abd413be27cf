// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.inspector;

import javafx.application.Platform;
import javafx.geometry.Bounds;
import javafx.geometry.VPos;
import javafx.scene.Node;
import javafx.scene.control.TextArea;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.shape.Rectangle;
import javafx.scene.text.Text;
import javafx.scene.text.TextAlignment;

/**
 * The numbers of a text area's lines, in a strip at its left that scrolls with the text. Lines must
 * not be wrapped.
 */
final class LineNumbers extends Region {
  private static final double GAP = 8;
  private static final double SMALLEST = 3;

  private final TextArea area;
  private final Text numbers = new Text();
  private final Rectangle clip = new Rectangle();
  private Node followed;
  private int count = -1;

  private LineNumbers(TextArea area) {
    this.area = area;
    getStyleClass().add("line-numbers");
    numbers.getStyleClass().add("line-numbers-text");
    numbers.setTextOrigin(VPos.TOP);
    numbers.setTextAlignment(TextAlignment.RIGHT);
    numbers.setManaged(false);
    setClip(clip);
    getChildren().add(numbers);
    setMinWidth(USE_PREF_SIZE);
    area.setWrapText(false);
    area.textProperty().subscribe(this::show);
    numbers.fontProperty().addListener(_ -> requestLayout());
  }

  /** The area with numbers at its left. */
  static Region beside(TextArea area) {
    HBox.setHgrow(area, Priority.ALWAYS);
    HBox box = new HBox(new LineNumbers(area), area);
    box.getStyleClass().add("numbered-area");
    return box;
  }

  private void show(String text) {
    int lines = 1 + (int) (text == null ? 0 : text.chars().filter(each -> each == '\n').count());
    if (lines != count) {
      count = lines;
      StringBuilder all = new StringBuilder();
      for (int line = 1; line <= lines; line++) {
        all.append(line).append('\n');
      }
      numbers.setText(all.toString());
      requestLayout();
      if (getParent() != null) {
        getParent().requestLayout();
      }
    }
  }

  @Override
  protected double computePrefWidth(double height) {
    return 2 * GAP + Math.max(SMALLEST * GAP, numbers.getLayoutBounds().getWidth());
  }

  @Override
  protected void layoutChildren() {
    clip.setWidth(getWidth());
    clip.setHeight(getHeight());
    Node content = area.lookup(".content");
    Node text = content == null ? null : content.lookup(".text");
    if (text == null) {
      Platform.runLater(this::requestLayout); // the area's own parts come with its first layout
      return;
    }
    if (text != followed) {
      followed = text;
      text.layoutBoundsProperty().addListener(_ -> requestLayout());
      text.localToSceneTransformProperty().addListener(_ -> requestLayout());
    }
    Bounds lines = text.getLayoutBounds();
    double own =
        (numbers.getLayoutBounds().getHeight() + numbers.getLineSpacing()) / (count + 1)
            - numbers.getLineSpacing();
    numbers.setLineSpacing(Math.max(0, lines.getHeight() / count - own));
    double top = sceneToLocal(text.localToScene(0, lines.getMinY())).getY();
    numbers.relocate(getWidth() - GAP - numbers.getLayoutBounds().getWidth(), top);
  }
}
