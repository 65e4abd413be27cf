// SPDX-License-Identifier: Apache-2.0
/**
 * The bundle: a whole running lab in one file (docs/bundle.md). {@link org.mobitopolo.snapshot.bundle.BundleWriter} writes one in a single
 * pass, {@link org.mobitopolo.snapshot.bundle.Bundle} reads and checks one. Knows no hosts and no labs.
 */
package org.mobitopolo.snapshot.bundle;
