// SPDX-License-Identifier: Apache-2.0
/**
 * The window. {@link org.mobitopolo.app.window.MobitopoloWindow} is the entry; {@code document}
 * holds the view models, which know no window; the other packages hold one part of the window each.
 */
package org.mobitopolo.app.window;
