// SPDX-License-Identifier: Apache-2.0
/** Measures what frames of the canvas cost. */
package org.mobitopolo.app.window.frames;
