// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.model;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;

/**
 * The ids of the selected nodes, links, regions and notes. Each change replaces the whole set at
 * once. FX thread only.
 */
public final class Selection {
  private final ReadOnlyObjectWrapper<Set<String>> ids =
      new ReadOnlyObjectWrapper<>(this, "ids", Set.of());

  /** Nothing is selected. */
  public Selection() {}

  public ReadOnlyObjectProperty<Set<String>> idsProperty() {
    return ids.getReadOnlyProperty();
  }

  public Set<String> ids() {
    return ids.get();
  }

  public boolean contains(String id) {
    return ids.get().contains(id);
  }

  /** Selects exactly these. */
  public void set(Collection<String> newIds) {
    Set<String> wanted = Set.copyOf(newIds);
    if (!wanted.equals(ids.get())) {
      ids.set(wanted);
    }
  }

  public void clear() {
    set(Set.of());
  }

  /** Selects these as well. */
  public void add(Collection<String> more) {
    Set<String> sum = new LinkedHashSet<>(ids.get());
    sum.addAll(more);
    set(sum);
  }

  /** Selects one as well, or no longer. */
  public void toggle(String id) {
    Set<String> changed = new LinkedHashSet<>(ids.get());
    if (!changed.remove(id)) {
      changed.add(id);
    }
    set(changed);
  }
}
