// SPDX-License-Identifier: Apache-2.0
/**
 * What the mouse and the keyboard do. Each gesture is one object that lives from press to release;
 * while it lasts it moves views only, and at its end it hands out one edit. Escape takes it back.
 */
package org.mobitopolo.canvas.gesture;
