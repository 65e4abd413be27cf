// SPDX-License-Identifier: Apache-2.0
/**
 * Brings order into a topology: aligning, distributing, automatic layouts. Pure computation that
 * ends in edits; may run on any thread.
 */
package org.mobitopolo.canvas.arrange;
