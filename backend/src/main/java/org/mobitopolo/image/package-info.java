// SPDX-License-Identifier: Apache-2.0
/** Guest images that the program brings along. */
package org.mobitopolo.image;
