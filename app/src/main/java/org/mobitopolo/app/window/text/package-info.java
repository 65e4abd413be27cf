// SPDX-License-Identifier: Apache-2.0
/** What the window says, in each of its languages. */
package org.mobitopolo.app.window.text;
