// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

/**
 * A host's area on the canvas. Several regions may name the same host.
 *
 * @param id never changes, unique in the topology
 * @param name what people see, unique among the regions
 * @param color name of a tint: {@code blue}, {@code green}, {@code orange}, {@code purple}, {@code
 *     teal}, {@code red} or {@code gray}
 */
public record Region(String id, String name, HostUrl host, Bounds bounds, String color) {

  public static final String DEFAULT_COLOR = "blue";

  public Region withName(String newName) {
    return new Region(id, newName, host, bounds, color);
  }

  public Region withHost(HostUrl newHost) {
    return new Region(id, name, newHost, bounds, color);
  }

  public Region withBounds(Bounds newBounds) {
    return new Region(id, name, host, newBounds, color);
  }

  public Region withColor(String newColor) {
    return new Region(id, name, host, bounds, newColor);
  }
}
