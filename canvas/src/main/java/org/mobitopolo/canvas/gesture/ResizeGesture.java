// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.gesture;

import java.util.Optional;
import org.mobitopolo.canvas.geometry.Snap;
import org.mobitopolo.topology.Bounds;
import org.mobitopolo.topology.Note;
import org.mobitopolo.topology.Region;
import org.mobitopolo.topology.edit.ChangeNote;
import org.mobitopolo.topology.edit.ChangeRegion;
import org.mobitopolo.topology.edit.Edit;

/**
 * Moves edges of a region or note; they come to rest on the grid, unless the key is held that
 * ignores it.
 */
final class ResizeGesture implements Gesture {
  private static final double SMALLEST_WIDTH = 6 * Snap.GRID;
  private static final double SMALLEST_HEIGHT = 3 * Snap.GRID;

  private final Surface surface;
  private final String id;
  private final Bounds before;
  private final int across;
  private final int down;
  private final Pointer start;
  private Bounds now;

  /**
   * Begins.
   *
   * @param across -1 moves the left edge, 1 the right one, 0 neither
   * @param down -1 moves the upper edge, 1 the lower one, 0 neither
   */
  ResizeGesture(Surface surface, String id, Bounds before, int across, int down, Pointer start) {
    this.surface = surface;
    this.id = id;
    this.before = before;
    this.across = across;
    this.down = down;
    this.start = start;
    now = before;
  }

  @Override
  public void drag(Pointer pointer) {
    double dx = pointer.world().x() - start.world().x();
    double dy = pointer.world().y() - start.world().y();
    double left = before.x();
    double right = before.x() + before.width();
    double top = before.y();
    double bottom = before.y() + before.height();
    if (across < 0) {
      left = Math.min(rest(left + dx, pointer), right - SMALLEST_WIDTH);
    } else if (across > 0) {
      right = Math.max(rest(right + dx, pointer), left + SMALLEST_WIDTH);
    }
    if (down < 0) {
      top = Math.min(rest(top + dy, pointer), bottom - SMALLEST_HEIGHT);
    } else if (down > 0) {
      bottom = Math.max(rest(bottom + dy, pointer), top + SMALLEST_HEIGHT);
    }
    now = new Bounds(left, top, right - left, bottom - top);
    surface.world().drag(id, now);
  }

  private static double rest(double edge, Pointer pointer) {
    return pointer.free() ? edge : Math.round(edge / Snap.GRID) * Snap.GRID;
  }

  @Override
  public void finish(Pointer pointer) {
    drag(pointer);
    if (!now.equals(before)) {
      edit().ifPresent(surface.edits());
    }
    surface.world().settle();
  }

  private Optional<Edit> edit() {
    Optional<Region> region = surface.world().topology().region(id);
    if (region.isPresent()) {
      return region.map(r -> new ChangeRegion(r.withBounds(now)));
    }
    Optional<Note> note = surface.world().topology().note(id);
    return note.map(n -> new ChangeNote(n.withBounds(now)));
  }

  @Override
  public void cancel() {
    surface.world().settle();
  }
}
