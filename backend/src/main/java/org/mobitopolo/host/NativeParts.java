// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import java.nio.file.Path;
import java.util.List;

/**
 * What hosts are given.
 *
 * @param linux the guest kernel, one file
 * @param mobihost the host agent, one file
 * @param images folders with guest images: for each a {@code .json} that describes it and a {@code .img.zst}; first those that the program
 *     brings along, then the user's own
 */
public record NativeParts(Path linux, Path mobihost, List<Path> images) {

  public NativeParts {
    images = List.copyOf(images);
  }
}
