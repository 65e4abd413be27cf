// SPDX-License-Identifier: Apache-2.0
/** What goes on: tasks, notices, hosts, migrations, and the status bar that sums them up. */
package org.mobitopolo.app.window.status;
