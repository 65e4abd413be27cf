// SPDX-License-Identifier: Apache-2.0
/** Questions that must be answered before things go on. */
package org.mobitopolo.app.window.dialog;
