// SPDX-License-Identifier: Apache-2.0
/** Captures of what passes a link, seen in an analyser while it runs or written to a file. */
package org.mobitopolo.app.window.capture;
