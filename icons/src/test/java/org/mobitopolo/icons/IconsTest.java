// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.icons;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javafx.application.Platform;
import javafx.geometry.Insets;
import javafx.scene.Group;
import javafx.scene.Scene;
import javafx.scene.control.Label;
import javafx.scene.image.Image;
import javafx.scene.image.ImageView;
import javafx.scene.layout.FlowPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.VBox;
import javafx.scene.paint.Color;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mobitopolo.testing.Pictures;

class IconsTest {
  private static final Color INK = Color.web("#24292f");

  @BeforeAll
  static void startToolkit() throws Exception {
    CompletableFuture<Void> started = new CompletableFuture<>();
    Platform.startup(() -> started.complete(null));
    started.get(30, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @EnumSource
  void everyIconIsLegibleAtSixteenPixelsAndStaysInsideItsBox(Icon icon) {
    Image image = onFx(() -> Icons.image(icon, 16, INK));
    int inked = 0;
    for (int y = 0; y < 16; y++) {
      for (int x = 0; x < 16; x++) {
        if (image.getPixelReader().getColor(x, y).getOpacity() > 0.3) {
          inked++;
        }
      }
    }
    assertThat(inked).as("inked pixels of 256").isBetween(10, 190);
    Image wide =
        onFx(
            () -> {
              Group group = new Group(Icons.view(icon, 24));
              new Scene(group);
              group.applyCss();
              group.layout();
              return group.snapshot(null, null);
            });
    assertThat(wide.getWidth()).isLessThanOrEqualTo(24);
    assertThat(wide.getHeight()).isLessThanOrEqualTo(24);
  }

  @Test
  void theApplicationIconComesInAllSizesFromOneDrawing() {
    var images = onFx(Icons::application);
    assertThat(images)
        .extracting(Image::getWidth)
        .containsExactly(16.0, 24.0, 32.0, 48.0, 64.0, 128.0, 256.0);
    Image large = images.getLast();
    assertThat(large.getPixelReader().getColor(0, 0).getOpacity()).as("corner").isZero();
    assertThat(large.getPixelReader().getColor(128, 20).getOpacity()).as("plate").isEqualTo(1);
  }

  @Test
  void styleSheetsSetColourAndSize() {
    IconView view =
        onFx(
            () -> {
              IconView icon = new IconView(Icon.START);
              HBox box = new HBox(icon);
              Scene scene = new Scene(box);
              scene
                  .getStylesheets()
                  .add(
                      "data:text/css,.mobi-icon { -mobi-icon-color: #ff0000; -mobi-icon-size: 32; }"
                          .replace("#", "%23")
                          .replace(" ", "%20"));
              box.applyCss();
              box.layout();
              return icon;
            });
    assertThat(view.colorProperty().get()).isEqualTo(Color.RED);
    assertThat(view.getWidth()).isEqualTo(32);
  }

  @Test
  void aSourceThatIsMissingIsNamed() {
    assertThatThrownBy(() -> SvgDrawing.read("svg/none.svg")).hasMessageContaining("svg/none.svg");
  }

  @Test
  void gallery() {
    for (boolean dark : new boolean[] {false, true}) {
      Image sheet = onFx(() -> sheet(dark));
      assertThat(Pictures.save("icons-" + (dark ? "dark" : "light"), sheet)).isNotEmptyFile();
    }
  }

  private static Image sheet(boolean dark) {
    FlowPane pane = new FlowPane(18, 18);
    pane.setPadding(new Insets(24));
    pane.setPrefWrapLength(1100);
    pane.setStyle("-fx-background-color: " + (dark ? "#0d1117" : "white"));
    Color ink = dark ? Color.web("#e6edf3") : INK;
    for (Icon icon : Icon.values()) {
      HBox sizes = new HBox(10);
      for (double size : new double[] {16, 24, 48}) {
        IconView view = Icons.view(icon, size);
        view.colorProperty().set(ink);
        sizes.getChildren().add(view);
      }
      Label name = new Label(icon.name());
      name.setStyle("-fx-font-size: 10; -fx-text-fill: " + (dark ? "#9198a1" : "#59636e"));
      VBox cell = new VBox(4, sizes, name);
      cell.setPrefWidth(120);
      pane.getChildren().add(cell);
    }
    Icons.application().forEach(image -> pane.getChildren().add(new ImageView(image)));
    new Scene(pane, 1150, 1000);
    pane.applyCss();
    pane.layout();
    return pane.snapshot(null, null);
  }

  private static <T> T onFx(Supplier<T> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Platform.runLater(
        () -> {
          try {
            result.complete(work.get());
          } catch (RuntimeException | Error e) {
            result.completeExceptionally(e);
          }
        });
    return result.orTimeout(30, TimeUnit.SECONDS).join();
  }
}
