// SPDX-License-Identifier: Apache-2.0
/** What the user can do, described once for menus, tool bar and keys. */
package org.mobitopolo.app.window.command;
