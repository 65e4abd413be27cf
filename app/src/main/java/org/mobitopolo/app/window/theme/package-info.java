// SPDX-License-Identifier: Apache-2.0
/** Light and dark. */
package org.mobitopolo.app.window.theme;
