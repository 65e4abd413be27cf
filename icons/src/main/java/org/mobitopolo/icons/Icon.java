// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.icons;

import java.util.Locale;

/**
 * The icons of the family. Each is one SVG source of 24 by 24 pixels, drawn with strokes in the
 * current colour, in the folder {@code svg} beside this class; its file name is the constant's name
 * in lower case with dashes.
 */
public enum Icon {
  // kinds of things
  VM,
  SERVER,
  CLIENT,
  SWITCH,
  ROUTER,
  GATEWAY,
  HOST,
  REGION,
  NOTE,
  AREA,
  LINK,
  // states of a machine
  RUNNING,
  BOOTING,
  STOPPED,
  CRASHED,
  MIGRATING,
  INCOMING,
  UNKNOWN,
  // actions
  START,
  STOP,
  RESTART,
  CONSOLE,
  MIGRATE,
  UNDO,
  REDO,
  SEARCH,
  ZOOM_IN,
  ZOOM_OUT,
  FIT,
  DELETE,
  ADD,
  THEME_LIGHT,
  THEME_DARK,
  SETTINGS,
  CAPTURE,
  SNAPSHOT,
  COPY,
  SAVE,
  OPEN,
  MORE,
  CLOSE,
  CHECK,
  INFO,
  TASKS,
  INSPECTOR,
  PALETTE,
  ARRANGE,
  ALIGN_LEFT,
  ALIGN_CENTRE,
  ALIGN_RIGHT,
  ALIGN_TOP,
  ALIGN_MIDDLE,
  ALIGN_BOTTOM,
  DISTRIBUTE_ACROSS,
  DISTRIBUTE_DOWN,
  GENERATE,
  MINIMAP;

  /** The path of the SVG source, relative to this class. */
  String resource() {
    return "svg/" + name().toLowerCase(Locale.ROOT).replace('_', '-') + ".svg";
  }
}
