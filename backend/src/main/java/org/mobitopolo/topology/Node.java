// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

import java.util.List;
import java.util.Optional;

/** Something that links end at: a virtual machine, a switch or a gateway. */
public sealed interface Node permits VirtualMachine, Switch, Gateway {

  /** Never changes, unique in the topology; see {@link Ids}. */
  String id();

  /** What people see; unique among the nodes, and the host name of a VM. */
  String name();

  /** The region it is placed in; empty while it is not placed, then it can't run. */
  Optional<String> region();

  /** Centre on the canvas, scene pixels. */
  Point position();

  List<Nic> nics();

  Node withId(String id);

  Node withName(String name);

  Node withRegion(Optional<String> region);

  Node withPosition(Point position);

  Node withNics(List<Nic> nics);

  default Optional<Nic> nic(String nicName) {
    return nics().stream().filter(nic -> nic.name().equals(nicName)).findFirst();
  }

  /** What its kind is called in the file: {@code vm}, {@code switch}, {@code gateway}. */
  default String kind() {
    return switch (this) {
      case VirtualMachine _ -> "vm";
      case Switch _ -> "switch";
      case Gateway _ -> "gateway";
    };
  }

  /** How the names of its NICs begin. */
  default String nicPrefix() {
    return switch (this) {
      case VirtualMachine _ -> "eth";
      case Switch _, Gateway _ -> "port";
    };
  }
}
