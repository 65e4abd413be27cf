// SPDX-License-Identifier: Apache-2.0
/** The hosts that labs may use: finding, adding and testing them. */
package org.mobitopolo.app.window.hosts;
