// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot.bundle;

import java.util.List;

/**
 * The state of a VM, with its pages in a store.
 *
 * @param devices pieces of the message DEVICES with {@code which} 0, one behind the other: JSON
 * @param frames those with {@code which} 1
 * @param digest payload of the message DIGEST
 */
record MachineState(PageMap ram, List<PageMap> disks, byte[] devices, byte[] frames, byte[] digest) {}
