// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.window.hosts;

import java.net.UnknownHostException;
import java.util.EnumMap;
import java.util.Map;
import org.mobitopolo.host.HostState;
import org.mobitopolo.task.LabException;
import org.mobitopolo.topology.HostUrl;

/**
 * How far connecting to a host came: which steps succeeded, and which one failed. A pure function
 * of the host's state.
 */
public final class ConnectionSteps {
  /** What happens one after the other until a host can be used. */
  public enum Step {
    /** Its name has an address. */
    NAME,
    /** An SSH server answers there. */
    REACH,
    /** Its host key is known or was accepted. */
    KEY,
    /** The account takes a key or a password. */
    LOGIN,
    /** The host agent is there, or was put there, and answers. */
    AGENT,
    /** CPUs, memory and disk are known. */
    FACTS
  }

  /** How a step stands. */
  public enum Outcome {
    WAITING,
    RUNNING,
    OK,
    FAILED
  }

  private ConnectionSteps() {}

  public static Map<Step, Outcome> of(HostState state) {
    return switch (state.status()) {
      case IDLE -> upTo(Step.NAME, Outcome.WAITING);
      case CONNECTED -> all(Outcome.OK);
      case CONNECTING -> upTo(loggedIn(state) ? Step.AGENT : Step.NAME, Outcome.RUNNING);
      case UNREACHABLE -> upTo(failed(state.failure().orElseThrow(), state.url()), Outcome.FAILED);
    };
  }

  /** The connecting itself is one phase; the agent tells of each of its own. */
  private static boolean loggedIn(HostState state) {
    return state.url() instanceof HostUrl.Local || !state.phase().startsWith("Connecting");
  }

  private static Step failed(LabException failure, HostUrl url) {
    if (url instanceof HostUrl.Local) {
      return Step.AGENT;
    }
    return switch (failure) {
      case LabException.HostUnreachable unreachable ->
          hasUnknownName(unreachable) ? Step.NAME : Step.REACH;
      case LabException.HostKeyRefused _ -> Step.KEY;
      case LabException.LoginRefused _ -> Step.LOGIN;
      case LabException.Cancelled _ -> Step.REACH;
      default -> Step.AGENT;
    };
  }

  private static boolean hasUnknownName(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnknownHostException) {
        return true;
      }
    }
    return false;
  }

  private static Map<Step, Outcome> all(Outcome outcome) {
    Map<Step, Outcome> steps = new EnumMap<>(Step.class);
    for (Step step : Step.values()) {
      steps.put(step, outcome);
    }
    return steps;
  }

  /** All before the step are done, all after it wait. */
  private static Map<Step, Outcome> upTo(Step at, Outcome outcome) {
    Map<Step, Outcome> steps = all(Outcome.WAITING);
    for (Step step : Step.values()) {
      if (step.compareTo(at) < 0) {
        steps.put(step, Outcome.OK);
      }
    }
    steps.put(at, outcome);
    return steps;
  }
}
