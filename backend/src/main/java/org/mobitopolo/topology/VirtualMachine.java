// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.topology;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A virtual machine: one User-Mode Linux process on its region's host.
 *
 * @param symbol how it is drawn
 * @param image name of the image, or the SHA-256 of its bytes
 * @param memory RAM, whole mebibytes
 * @param startup shell script that runs after the network is set up, may be empty
 * @param env environment of the start-up script, in the order it was written
 * @param nics {@code eth0}, {@code eth1} ... in this order
 * @param forward whether it passes IP packets on between its NICs
 */
public record VirtualMachine(
    String id,
    String name,
    Symbol symbol,
    Optional<String> region,
    Point position,
    String image,
    Size memory,
    String startup,
    Map<String, String> env,
    List<Nic> nics,
    List<Route> routes,
    boolean forward)
    implements Node {

  public static final String DEFAULT_IMAGE = "small";
  public static final Size DEFAULT_MEMORY = Size.ofMiB(64);

  public VirtualMachine {
    env = Collections.unmodifiableMap(new LinkedHashMap<>(env));
    nics = List.copyOf(nics);
    routes = List.copyOf(routes);
  }

  /** A machine with default image and memory, without NICs, not placed. */
  public static VirtualMachine create(String id, String name, Point position) {
    return new VirtualMachine(
        id,
        name,
        Symbol.VM,
        Optional.empty(),
        position,
        DEFAULT_IMAGE,
        DEFAULT_MEMORY,
        "",
        Map.of(),
        List.of(),
        List.of(),
        false);
  }

  @Override
  public VirtualMachine withId(String newId) {
    return new VirtualMachine(
        newId, name, symbol, region, position, image, memory, startup, env, nics, routes, forward);
  }

  @Override
  public VirtualMachine withName(String newName) {
    return new VirtualMachine(
        id, newName, symbol, region, position, image, memory, startup, env, nics, routes, forward);
  }

  public VirtualMachine withSymbol(Symbol newSymbol) {
    return new VirtualMachine(
        id, name, newSymbol, region, position, image, memory, startup, env, nics, routes, forward);
  }

  @Override
  public VirtualMachine withRegion(Optional<String> newRegion) {
    return new VirtualMachine(
        id, name, symbol, newRegion, position, image, memory, startup, env, nics, routes, forward);
  }

  @Override
  public VirtualMachine withPosition(Point newPosition) {
    return new VirtualMachine(
        id, name, symbol, region, newPosition, image, memory, startup, env, nics, routes, forward);
  }

  public VirtualMachine withImage(String newImage) {
    return new VirtualMachine(
        id, name, symbol, region, position, newImage, memory, startup, env, nics, routes, forward);
  }

  public VirtualMachine withMemory(Size newMemory) {
    return new VirtualMachine(
        id, name, symbol, region, position, image, newMemory, startup, env, nics, routes, forward);
  }

  public VirtualMachine withStartup(String newStartup) {
    return new VirtualMachine(
        id, name, symbol, region, position, image, memory, newStartup, env, nics, routes, forward);
  }

  public VirtualMachine withEnv(Map<String, String> newEnv) {
    return new VirtualMachine(
        id, name, symbol, region, position, image, memory, startup, newEnv, nics, routes, forward);
  }

  @Override
  public VirtualMachine withNics(List<Nic> newNics) {
    return new VirtualMachine(
        id, name, symbol, region, position, image, memory, startup, env, newNics, routes, forward);
  }

  public VirtualMachine withRoutes(List<Route> newRoutes) {
    return new VirtualMachine(
        id, name, symbol, region, position, image, memory, startup, env, nics, newRoutes, forward);
  }

  public VirtualMachine withForward(boolean newForward) {
    return new VirtualMachine(
        id, name, symbol, region, position, image, memory, startup, env, nics, routes, newForward);
  }
}
