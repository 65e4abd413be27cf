// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.gesture;

/** One thing done with a button held: from the first movement to the release. */
interface Gesture {

  /** The pointer has moved. */
  void drag(Pointer pointer);

  /** The button was released: do it. */
  void finish(Pointer pointer);

  /** It is given up: everything is as before. */
  void cancel();
}
