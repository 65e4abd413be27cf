// SPDX-License-Identifier: Apache-2.0
/** Hosts in numbers, from what people have: {@code ~/.ssh/config}, Ansible inventories, allocations of Slurm. */
package org.mobitopolo.inventory;
