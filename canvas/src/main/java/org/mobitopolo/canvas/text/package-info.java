// SPDX-License-Identifier: Apache-2.0
/** What the canvas says, in English and Japanese. */
package org.mobitopolo.canvas.text;
