// SPDX-License-Identifier: Apache-2.0
/**
 * Snapshots of running labs: the hosts' agents cut and keep them, this package coordinates the cut over all VMs ({@link
 * org.mobitopolo.snapshot.Cut}), writes the parts into a bundle and makes labs of bundles again (protocols.md section 9).
 */
package org.mobitopolo.snapshot;
