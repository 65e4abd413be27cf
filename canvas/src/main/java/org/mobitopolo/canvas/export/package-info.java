// SPDX-License-Identifier: Apache-2.0
/**
 * Pictures of the canvas made of lines and letters: what is on the canvas is recorded as a list of
 * marks on the FX thread, and written as SVG or PDF on any other.
 */
package org.mobitopolo.canvas.export;
