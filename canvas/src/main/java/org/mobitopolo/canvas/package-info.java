// SPDX-License-Identifier: Apache-2.0
/**
 * The drawing surface of the program: shows a topology with its live state, and turns gestures into
 * edits.
 */
package org.mobitopolo.canvas;
