// SPDX-License-Identifier: Apache-2.0
/** What new parts of a lab are made of, and how they get onto the canvas. */
package org.mobitopolo.app.window.palette;
