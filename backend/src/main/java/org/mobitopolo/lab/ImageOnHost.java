// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import org.mobitopolo.topology.HostUrl;

/** An image, named by the SHA-256 of its raw bytes, on a host. */
record ImageOnHost(HostUrl host, String sha256) {}
