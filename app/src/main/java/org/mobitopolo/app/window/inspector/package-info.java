// SPDX-License-Identifier: Apache-2.0
/**
 * Properties of what is selected: each field says what is wrong while one types, and makes an edit
 * when it is right.
 */
package org.mobitopolo.app.window.inspector;
