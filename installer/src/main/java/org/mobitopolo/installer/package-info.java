// SPDX-License-Identifier: Apache-2.0
/** Programs of the build that make what packages are made of; never shipped. */
package org.mobitopolo.installer;
