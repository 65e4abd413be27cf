// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.element;

import java.util.Arrays;

/**
 * Lines and cards painted into an array of pixels, with smooth edges. For thousands of small shapes
 * without a graphics card that is many times as fast as shapes of the scene graph, each of which
 * costs far more than the few pixels it covers. Colours and pixels are premultiplied ARGB; places
 * are pixels, whole numbers lie between them; what lies outside is cut off.
 */
final class Raster {
  private static final int WHOLE = 256;
  private static final int ODD = 0x00ff00ff;
  private static final int EVEN = 0xff00ff00;

  private final int[] pixels;
  private final int width;
  private final int height;

  /**
   * On an array of at least {@code width * height} pixels, row by row.
   */
  Raster(int[] pixels, int width, int height) {
    this.pixels = pixels;
    this.width = width;
    this.height = height;
  }

  /** Makes everything transparent. */
  void clear() {
    Arrays.fill(pixels, 0, width * height, 0);
  }

  /** Fills an upright rectangle with round corners. */
  void fill(int left, int top, int right, int bottom, double radius, int color) {
    for (int y = Math.max(0, top); y < Math.min(height, bottom); y++) {
      double toEdge = Math.min(y - top, bottom - 1 - y) + 0.5;
      double inset = 0;
      if (toEdge < radius) {
        double down = radius - toEdge;
        inset = radius - Math.sqrt(radius * radius - down * down);
      }
      int whole = (int) Math.ceil(inset);
      int partly = (int) ((whole - inset) * WHOLE);
      if (partly > 0) {
        blendInside(left + whole - 1, y, color, partly);
        blendInside(right - whole, y, color, partly);
      }
      fillRow(y, Math.max(0, left + whole), Math.min(width, right - whole), color);
    }
  }

  private void fillRow(int y, int from, int to, int color) {
    if (color >>> 24 == 255) {
      if (from < to) {
        Arrays.fill(pixels, y * width + from, y * width + to, color);
      }
    } else {
      for (int x = from; x < to; x++) {
        blend(y * width + x, color, WHOLE);
      }
    }
  }

  private void blendInside(int x, int y, int color, int coverage) {
    if (x >= 0 && x < width) {
      blend(y * width + x, color, coverage);
    }
  }

  /**
   * Draws a straight line. It goes pixel by pixel along its longer direction, and covers in each
   * column (or row, where it is steep) what its thickness takes there.
   */
  void line(double x0, double y0, double x1, double y1, double thickness, int color) {
    boolean steep = Math.abs(y1 - y0) > Math.abs(x1 - x0);
    boolean backwards = steep ? y1 < y0 : x1 < x0;
    double from = steep ? backwards ? y1 : y0 : backwards ? x1 : x0;
    double to = steep ? backwards ? y0 : y1 : backwards ? x0 : x1;
    double across = steep ? backwards ? x1 : x0 : backwards ? y1 : y0;
    double acrossEnd = steep ? backwards ? x0 : x1 : backwards ? y0 : y1;
    double slope = to == from ? 0 : (acrossEnd - across) / (to - from);
    double half = thickness / 2 * Math.sqrt(1 + slope * slope);
    int widest = steep ? width : height;
    double first = Math.max(0, from);
    double last = Math.min(steep ? height : width, to);
    if (slope != 0) {
      double one = from + (-half - across) / slope;
      double other = from + (widest + half - across) / slope;
      first = Math.max(first, Math.min(one, other));
      last = Math.min(last, Math.max(one, other));
    }
    int step = steep ? 1 : width;
    int stride = steep ? width : 1;
    for (int at = (int) first; at < last; at++) {
      double along = Math.min(at + 1, to) - Math.max(at, from);
      double middle = across + (at + 0.5 - from) * slope;
      double near = middle - half;
      double far = middle + half;
      int begin = (int) Math.max(0, Math.floor(near));
      int end = (int) Math.min(widest, Math.ceil(far));
      for (int place = begin; place < end; place++) {
        double covered = Math.min(far, place + 1) - Math.max(near, place);
        blend(at * stride + place * step, color, (int) (covered * along * WHOLE));
      }
    }
  }

  /** Lays a colour over a pixel, of which it covers so many parts of 256; two channels at once. */
  private void blend(int index, int color, int coverage) {
    int over =
        ((color & ODD) * coverage >>> 8 & ODD) | ((color >>> 8 & ODD) * coverage & EVEN);
    int alpha = over >>> 24;
    int left = WHOLE - alpha - (alpha >>> 7);
    int under = pixels[index];
    pixels[index] =
        over + (((under & ODD) * left >>> 8 & ODD) | ((under >>> 8 & ODD) * left & EVEN));
  }
}
