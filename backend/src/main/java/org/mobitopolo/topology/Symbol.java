// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

/** How a VM is drawn; it changes nothing else. */
public enum Symbol {
  VM,
  CLIENT,
  SERVER,
  ROUTER
}
