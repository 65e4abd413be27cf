// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.status;

import org.mobitopolo.app.window.text.Texts;
import org.mobitopolo.host.HostFacts;
import org.mobitopolo.host.HostState;
import org.mobitopolo.topology.HostUrl;

/** Host states in words. */
public final class HostStates {
  private HostStates() {}

  /** One line for a header: name and what matters now. */
  public static String summary(HostState state, Texts texts) {
    return switch (state.status()) {
      case IDLE -> texts.get("host.idle");
      case CONNECTING -> state.phase().isEmpty() ? texts.get("host.connecting") : state.phase();
      case UNREACHABLE -> texts.get("host.unreachable");
      case CONNECTED ->
          state.facts().map(facts -> facts(facts, texts)).orElse(texts.get("host.connected"));
    };
  }

  /** The host's name for people. */
  public static String name(HostUrl url, Texts texts) {
    return switch (url) {
      case HostUrl.Local local ->
          local
              .folder()
              .map(folder -> texts.get("host.this-computer-folder", folder))
              .orElseGet(() -> texts.get("host.this-computer"));
      case HostUrl.Ssh remote -> remote.displayName();
    };
  }

  /** CPUs and free memory. */
  public static String facts(HostFacts facts, Texts texts) {
    return texts.get("host.facts", facts.cpus(), Units.bytes(facts.memoryAvailable()));
  }

  /** Everything that is known, in lines, and what went wrong. */
  public static String describe(HostState state, Texts texts) {
    String known = known(state, texts);
    return state.failure().map(failure -> known + "\n" + failure.getMessage()).orElse(known);
  }

  /** Everything that is known, in lines. */
  public static String known(HostState state, Texts texts) {
    StringBuilder text =
        new StringBuilder(
            texts.get("host.describe", name(state.url(), texts), summary(state, texts)));
    state
        .facts()
        .ifPresent(
            facts ->
                text.append("\n")
                    .append(
                        texts.get(
                            "host.describe.facts",
                            facts.hostname(),
                            facts.cpuModel(),
                            facts.kernel(),
                            facts.load1(),
                            Units.bytes(facts.memoryAvailable()),
                            Units.bytes(facts.memoryTotal()),
                            Units.bytes(facts.diskAvailable()))));
    return text.toString();
  }
}
