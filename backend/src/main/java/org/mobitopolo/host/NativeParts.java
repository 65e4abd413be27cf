// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.host;

import java.nio.file.Path;

/**
 * What the program brings along for hosts.
 *
 * @param linux the guest kernel, one file
 * @param mobihost the host agent, one file
 * @param images folder with guest images: for each a {@code .json} that describes it and a {@code .img.zst}
 */
public record NativeParts(Path linux, Path mobihost, Path images) {}
