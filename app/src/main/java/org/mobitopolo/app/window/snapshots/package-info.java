// SPDX-License-Identifier: Apache-2.0
/** The snapshots that hosts keep of a lab, and the copies that were made of one, as they are seen. */
package org.mobitopolo.app.window.snapshots;
