// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.element;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RasterTest {
  private static final int RED = 0xffff0000;
  private static final int HALF_BLUE = 0x80000080;
  private static final int WIDTH = 40;
  private static final int HEIGHT = 30;

  private final int[] pixels = new int[WIDTH * HEIGHT];
  private final Raster raster = new Raster(pixels, WIDTH, HEIGHT);

  private int at(int x, int y) {
    return pixels[y * WIDTH + x];
  }

  private long covered() {
    return Arrays.stream(pixels).filter(pixel -> pixel != 0).count();
  }

  @Test
  void aRectangleFillsItsPixelsAndNoOthers() {
    raster.fill(3, 4, 10, 9, 0, RED);
    assertThat(at(3, 4)).isEqualTo(RED);
    assertThat(at(9, 8)).isEqualTo(RED);
    assertThat(covered()).isEqualTo(7 * 5);
    raster.clear();
    assertThat(covered()).isZero();
  }

  @Test
  void roundCornersAreLeftOutAndSmooth() {
    raster.fill(2, 2, 30, 26, 8, RED);
    assertThat(at(2, 2)).isZero();
    assertThat(at(29, 25)).isZero();
    assertThat(at(16, 2)).isEqualTo(RED);
    assertThat(at(2, 14)).isEqualTo(RED);
    assertThat(Arrays.stream(pixels).map(pixel -> pixel >>> 24).filter(a -> a > 0 && a < 255))
        .isNotEmpty();
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < 32; x++) {
        assertThat(at(x, y)).as("mirrored at %d, %d", x, y).isEqualTo(at(31 - x, y));
      }
    }
  }

  @Test
  void translucentColoursLetShineThroughWhatIsBelow() {
    raster.fill(0, 0, 10, 10, 0, RED);
    raster.fill(0, 0, 10, 10, 0, HALF_BLUE);
    int mixed = at(5, 5);
    assertThat(mixed >>> 24).isBetween(254, 255);
    assertThat(mixed >>> 16 & 255).isBetween(125, 129);
    assertThat(mixed & 255).isBetween(127, 129);
  }

  @Test
  void aLineCoversItsLengthTimesItsThickness() {
    for (double[] line :
        new double[][] {{5, 5, 35, 5}, {5, 5, 5, 25}, {5, 5, 30, 25}, {8, 27, 20, 3}, {33, 9, 6, 20}}) {
      raster.clear();
      raster.line(line[0], line[1], line[2], line[3], 2, RED);
      double area = Arrays.stream(pixels).mapToDouble(pixel -> (pixel >>> 24) / 255.0).sum();
      double length = Math.hypot(line[2] - line[0], line[3] - line[1]);
      assertThat(area).isBetween(2 * length * 0.95 - 1, 2 * length * 1.05 + 1);
    }
  }

  @Test
  void whatLiesOutsideIsCutOff() {
    Random random = new Random(7);
    for (int i = 0; i < 5000; i++) {
      raster.line(
          random.nextInt(-500, 500),
          random.nextInt(-500, 500),
          random.nextInt(-500, 500),
          random.nextInt(-500, 500),
          random.nextDouble(0.1, 9),
          RED);
      int left = random.nextInt(-100, 100);
      int top = random.nextInt(-100, 100);
      raster.fill(
          left,
          top,
          left + random.nextInt(0, 90),
          top + random.nextInt(0, 90),
          random.nextDouble(0, 20),
          HALF_BLUE);
    }
    raster.clear();
    raster.line(-1e6, 15, 1e6, 15, 1, RED);
    assertThat(covered()).isEqualTo(2 * WIDTH);
  }
}
