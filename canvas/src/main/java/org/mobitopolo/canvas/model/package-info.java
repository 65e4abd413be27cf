// SPDX-License-Identifier: Apache-2.0
/**
 * What goes into the canvas and comes out of it: plain records of live state, selection, targets,
 * advice.
 */
package org.mobitopolo.canvas.model;
