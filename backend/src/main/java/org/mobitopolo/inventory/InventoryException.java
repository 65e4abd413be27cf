// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.inventory;

/** A list of hosts that can't be read or names none; the message is for users and says what to do. */
public final class InventoryException extends Exception {
  private static final long serialVersionUID = 1L;

  InventoryException(String message) {
    super(message);
  }

  InventoryException(String message, Throwable cause) {
    super(message, cause);
  }
}
