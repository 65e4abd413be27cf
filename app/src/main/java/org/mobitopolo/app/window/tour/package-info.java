// SPDX-License-Identifier: Apache-2.0
/** A short tour of the program with the sample lab. */
package org.mobitopolo.app.window.tour;
