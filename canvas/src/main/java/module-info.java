// SPDX-License-Identifier: Apache-2.0
/** The drawing surface: regions, nodes, links and the gestures on them. */
module org.mobitopolo.canvas {
  requires transitive javafx.controls;
  requires transitive org.mobitopolo.backend;
  requires org.mobitopolo.icons;

  exports org.mobitopolo.canvas;
  exports org.mobitopolo.canvas.model;
}
