// SPDX-License-Identifier: Apache-2.0
/**
 * The open lab as the window sees it, and what is remembered between runs. Knows no window; tested
 * without one.
 */
package org.mobitopolo.app.window.document;
