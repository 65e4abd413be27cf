// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.gesture;

import java.util.function.Consumer;
import javafx.scene.Group;
import org.mobitopolo.canvas.element.World;
import org.mobitopolo.canvas.model.DropAdvisor;
import org.mobitopolo.canvas.model.Selection;
import org.mobitopolo.canvas.text.Texts;
import org.mobitopolo.canvas.view.Guides;
import org.mobitopolo.canvas.view.Viewport;
import org.mobitopolo.topology.edit.Edit;

/**
 * What gestures work on.
 *
 * @param overlay holds passing shapes in pixels of the canvas
 * @param edits takes the edit that a gesture results in
 * @param advisor asked before nodes change their region
 * @param texts what it says
 */
public record Surface(
    World world,
    Viewport viewport,
    Selection selection,
    Guides guides,
    Group overlay,
    Consumer<Edit> edits,
    DropAdvisor advisor,
    Texts texts) {}
