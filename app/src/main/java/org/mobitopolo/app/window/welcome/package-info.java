// SPDX-License-Identifier: Apache-2.0
/** The page that the window shows while no lab is open. */
package org.mobitopolo.app.window.welcome;
