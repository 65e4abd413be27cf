// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import java.util.Optional;

/**
 * What goes into a bundle beside the state of the lab.
 *
 * @param images whether the base images come along, for hosts and programs that do not have them
 * @param thumbnail a picture of the lab, PNG
 */
public record BundleOptions(boolean images, Optional<byte[]> thumbnail) {
  /** Nothing more. */
  public static final BundleOptions PLAIN = new BundleOptions(false, Optional.empty());
}
