// SPDX-License-Identifier: Apache-2.0
/** The things on the canvas as scene graph nodes, and the world that holds them. */
package org.mobitopolo.canvas.element;
