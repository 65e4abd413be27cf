// SPDX-License-Identifier: Apache-2.0
/** A terminal as a JavaFX node. Knows nothing of labs: bytes go in and out. */
package org.mobitopolo.app.window.terminal;
