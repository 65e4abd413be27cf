// SPDX-License-Identifier: Apache-2.0
/** Where things lie: curves, labels, snapping. Pure computation in scene pixels, without JavaFX. */
package org.mobitopolo.canvas.geometry;
