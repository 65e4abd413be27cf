// SPDX-License-Identifier: Apache-2.0
/** What belongs to the view and not to the world: zoom and position, grid, guides, mini-map. */
package org.mobitopolo.canvas.view;
