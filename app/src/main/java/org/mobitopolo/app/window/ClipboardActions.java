// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window;

import java.util.Collection;
import java.util.Optional;
import javafx.scene.input.Clipboard;
import javafx.scene.input.ClipboardContent;
import javafx.scene.input.DataFormat;
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
  private static final DataFormat FORMAT = format();

  private ClipboardActions() {}

  private static DataFormat format() {
    DataFormat known = DataFormat.lookupMimeType("application/x-mobitopolo-topology");
    return known == null ? new DataFormat("application/x-mobitopolo-topology") : known;
  }

  /**
   * Copies the nodes and notes with these ids and the links among them; nothing happens without
   * any.
   */
  static void copy(Topology topology, Collection<String> ids) {
    Fragment fragment = Fragment.copy(topology, ids);
    if (fragment.isEmpty()) {
      return;
    }
    Topology part =
        Topology.empty(topology.id(), topology.name())
            .withNodes(fragment.nodes())
            .withLinks(fragment.links())
            .withNotes(fragment.notes());
    String text = TopologyJson.write(part);
    ClipboardContent content = new ClipboardContent();
    content.put(FORMAT, text);
    content.putString(text);
    Clipboard.getSystemClipboard().setContent(content);
  }

  static boolean hasContent() {
    return Clipboard.getSystemClipboard().hasContent(FORMAT);
  }

  /**
   * The edit that pastes what was copied, a step beside the originals; empty when the clipboard
   * holds nothing of ours.
   */
  static Optional<Edit> paste(Topology into) {
    if (!hasContent()) {
      return Optional.empty();
    }
    try {
      Topology part =
          TopologyJson.read(
              (String) Clipboard.getSystemClipboard().getContent(FORMAT), "the clipboard");
      return Optional.of(
          new Fragment(part.nodes(), part.links(), part.notes()).paste(into, STEP, STEP));
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
