// SPDX-License-Identifier: Apache-2.0
/** Guest images: the catalogue, imports, and what the program builds itself. */
package org.mobitopolo.image;
