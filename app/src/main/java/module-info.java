// SPDX-License-Identifier: Apache-2.0
/** The program: window, consoles and command line. */
module org.mobitopolo.app {
  requires org.mobitopolo.backend;
  requires org.mobitopolo.canvas;
  requires org.mobitopolo.icons;
  requires javafx.controls;
  requires java.management;
  requires java.xml;
  requires javafx.swing;
  requires atlantafx.base;
  requires org.controlsfx.controls;
  requires com.techsenger.jeditermfx.core;
  requires info.picocli;
  requires org.apache.commons.io;
  requires tools.jackson.databind;

  opens org.mobitopolo.app to tools.jackson.databind;
  opens org.mobitopolo.app.bench to info.picocli;
  opens org.mobitopolo.app.cli to info.picocli;
}
