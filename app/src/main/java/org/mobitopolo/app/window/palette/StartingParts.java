// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.palette;

import java.util.List;
import java.util.function.Function;
import org.mobitopolo.image.Image;

/**
 * What the palette holds without a library.
 *
 * @param nodes kinds of nodes
 * @param drawing regions and what is only drawn
 * @param ofImage makes the part that is a machine of an image
 * @param templates those that the program brings along
 */
public record StartingParts(
    List<Part> nodes,
    List<Part> drawing,
    Function<Image, Part> ofImage,
    List<Template> templates) {}
