// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.status;

import org.mobitopolo.host.HostFacts;
import org.mobitopolo.host.HostState;

/** Host states in words. */
public final class HostStates {
  private HostStates() {}

  /** One line for a header: name and what matters now. */
  public static String summary(HostState state) {
    return switch (state.status()) {
      case IDLE -> "not connected";
      case CONNECTING -> state.phase().isEmpty() ? "connecting..." : state.phase();
      case UNREACHABLE -> "unreachable";
      case CONNECTED -> state.facts().map(HostStates::facts).orElse("connected");
    };
  }

  /** CPUs and free memory. */
  public static String facts(HostFacts facts) {
    return facts.cpus()
        + (facts.cpus() == 1 ? " CPU, " : " CPUs, ")
        + Units.bytes(facts.memoryAvailable())
        + " free";
  }

  /** Everything that is known, in lines. */
  public static String describe(HostState state) {
    StringBuilder text =
        new StringBuilder(state.url().displayName()).append(": ").append(summary(state));
    state
        .facts()
        .ifPresent(
            facts ->
                text.append("\n")
                    .append(facts.hostname())
                    .append(", ")
                    .append(facts.cpuModel())
                    .append("\nLinux ")
                    .append(facts.kernel())
                    .append(", load ")
                    .append(facts.load1())
                    .append("\nMemory ")
                    .append(Units.bytes(facts.memoryAvailable()))
                    .append(" free of ")
                    .append(Units.bytes(facts.memoryTotal()))
                    .append(", disk ")
                    .append(Units.bytes(facts.diskAvailable()))
                    .append(" free"));
    state.failure().ifPresent(failure -> text.append("\n").append(failure.getMessage()));
    return text.toString();
  }
}
