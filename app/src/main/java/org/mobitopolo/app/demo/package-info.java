// SPDX-License-Identifier: Apache-2.0
/**
 * The demonstration: a file copy whose protocol handler migrates towards the client while the copy
 * goes on, measured and plotted.
 */
package org.mobitopolo.app.demo;
