// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.palette;

import java.util.function.BiFunction;
import org.mobitopolo.icons.Icon;
import org.mobitopolo.topology.Point;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.edit.Edit;

/**
 * Something that can be placed on the canvas.
 *
 * @param detail a sentence, or empty
 * @param addition makes the edit that adds it to a topology at a place
 */
public record Part(
    String name, String detail, Icon icon, BiFunction<Topology, Point, Edit> addition) {}
