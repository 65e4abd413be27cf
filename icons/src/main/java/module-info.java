// SPDX-License-Identifier: Apache-2.0
/** The icon family: SVG sources and the class that serves them as JavaFX nodes. */
module org.mobitopolo.icons {
  requires transitive javafx.controls;
  requires java.xml;

  exports org.mobitopolo.icons;
}
