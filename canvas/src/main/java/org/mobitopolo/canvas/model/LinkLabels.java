// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.model;

/** What stands beside the ends of links. */
public enum LinkLabels {
  NONE,
  ADDRESSES,
  NAMES_AND_ADDRESSES
}
