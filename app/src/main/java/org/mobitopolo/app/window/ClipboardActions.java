// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.util.Collection;
import java.util.Optional;
import javafx.scene.input.Clipboard;
import javafx.scene.input.ClipboardContent;
import org.mobitopolo.topology.Topology;
import org.mobitopolo.topology.TopologyFormatException;
import org.mobitopolo.topology.TopologyJson;
import org.mobitopolo.topology.edit.Edit;
import org.mobitopolo.topology.edit.Fragment;

/**
 * Copies parts of a topology through the system's clipboard, as a topology file's text: so they can
 * be pasted into another window or an editor, too. FX thread.
 */
final class ClipboardActions {
  private static final double STEP = 40;

  private ClipboardActions() {}

  /**
   * Copies the nodes and notes with these ids and the links among them; nothing happens without
   * any.
   */
  static void copy(Topology topology, Collection<String> ids) {
    Topology part = part(topology, ids);
    if (part.nodes().isEmpty() && part.notes().isEmpty()) {
      return;
    }
    ClipboardContent content = new ClipboardContent();
    content.putString(TopologyJson.write(part));
    Clipboard.getSystemClipboard().setContent(content);
  }

  /** A topology of nothing but the nodes and notes with these ids and the links among them. */
  static Topology part(Topology topology, Collection<String> ids) {
    Fragment fragment = Fragment.copy(topology, ids);
    return Topology.empty(topology.id(), topology.name())
        .withNodes(fragment.nodes())
        .withLinks(fragment.links())
        .withNotes(fragment.notes());
  }

  /**
   * The edit that pastes what was copied, here, in another window or out of an editor, a step
   * beside the originals; empty when the clipboard holds no part of a lab.
   */
  static Optional<Edit> paste(Topology into) {
    String text = Clipboard.getSystemClipboard().getString();
    try {
      Topology part = TopologyJson.read(text == null ? "" : text, "the clipboard");
      Fragment fragment = new Fragment(part.nodes(), part.links(), part.notes());
      return fragment.isEmpty() ? Optional.empty() : Optional.of(fragment.paste(into, STEP, STEP));
    } catch (TopologyFormatException e) {
      return Optional.empty();
    }
  }

  /** The edit that copies these a step beside themselves, past the clipboard. */
  static Optional<Edit> duplicate(Topology topology, Collection<String> ids) {
    Fragment fragment = Fragment.copy(topology, ids);
    return fragment.isEmpty()
        ? Optional.empty()
        : Optional.of(fragment.paste(topology, STEP, STEP));
  }
}
