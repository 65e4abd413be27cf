// SPDX-License-Identifier: Apache-2.0
/** Builds images of the distribution's packages: apt of this computer fetches them, a VM of this computer installs them. */
package org.mobitopolo.imagebuild;
