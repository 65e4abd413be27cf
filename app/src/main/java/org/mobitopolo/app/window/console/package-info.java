// SPDX-License-Identifier: Apache-2.0
/** Consoles of VMs in tabs. */
package org.mobitopolo.app.window.console;
