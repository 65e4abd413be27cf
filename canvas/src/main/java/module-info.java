// SPDX-License-Identifier: Apache-2.0
/** The drawing surface: regions, nodes, links and the gestures on them. */
module org.mobitopolo.canvas {
  requires transitive javafx.controls;
  requires transitive org.mobitopolo.backend;
  requires org.mobitopolo.icons;
  requires java.xml;
  requires org.apache.pdfbox;
  requires org.eclipse.elk.alg.layered;
  requires org.eclipse.elk.core;
  requires org.eclipse.elk.graph;
  requires org.eclipse.emf.common;
  requires org.eclipse.emf.ecore;

  exports org.mobitopolo.canvas;
  exports org.mobitopolo.canvas.arrange;
  exports org.mobitopolo.canvas.export;
  exports org.mobitopolo.canvas.model;
}
