// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import java.time.Duration;
import java.util.Set;
import org.mobitopolo.host.Agent;
import org.mobitopolo.lab.Verdicts.Verdict;
import org.mobitopolo.task.LabException;
import org.mobitopolo.topology.HostUrl;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Carries out what {@link Verdicts} decide. Whoever else decides at the same time decides the same, so being late is no failure. */
final class Judge {
  private static final Set<String> DECIDED = Set.of("not-open", "no-such-instance", "not-running", "busy", "ended", "supervisor-lost", "wrong-state", "too-late");
  private static final Duration SLOW = Duration.ofMinutes(2);
  private static final long GONE_MS = 30_000;
  private static final long PAUSE_MS = 200;

  private final LabModel model;

  Judge(LabModel model) {
    this.model = model;
  }

  /** Waits for the hosts' answers. The model hears of what follows by itself. */
  void carryOut(Verdict verdict) throws InterruptedException {
    switch (verdict) {
      case Verdict.Run run -> tell(run.instance(), "run");
      case Verdict.Discard discard -> tell(discard.instance(), "discard");
      case Verdict.Continue parked -> leniently(parked.instance(), "vm.start", request(parked.instance()));
      case Verdict.Ask ask -> ask(ask);
      case Verdict.Wait _ -> {}
    }
    // until what was decided shows, nothing is decided again
    model.await(() -> model.verdict(verdict.instance().node()).filter(verdict::equals).isEmpty(), GONE_MS);
  }

  private void ask(Verdict.Ask ask) throws InterruptedException {
    String target = model.instance(ask.instance().instance()).flatMap(InstanceFact::handover).map(Handover::other).orElse("");
    boolean arrived = false;
    for (HostUrl host : ask.targets()) {
      Agent agent = model.agent(host);
      JsonNode outcome = agent.call("migration.outcome", agent.params().put("instance", target));
      if (outcome.path("present").asBoolean(true)) {
        // the list that told otherwise is old
        return;
      }
      arrived |= outcome.path("arrived").asBoolean(true);
    }
    tell(ask.instance(), arrived ? "discard" : "thaw");
  }

  private void tell(InstanceFact instance, String verdict) throws InterruptedException {
    leniently(instance, "migration.resolve", request(instance).put("verdict", verdict));
  }

  private ObjectNode request(InstanceFact instance) {
    return model.agent(instance.host()).params().put("instance", instance.instance());
  }

  private void leniently(InstanceFact instance, String method, ObjectNode params) throws InterruptedException {
    try {
      model.agent(instance.host()).call(method, params, SLOW);
    } catch (LabException.AgentRefused e) {
      if (!DECIDED.contains(e.code())) {
        throw e;
      }
    }
  }

  /** The source's copy of a VM that is known to be on no host any more goes on. For a target that is gone for good: nobody can find that out but a person. */
  void thaw(InstanceFact source) throws InterruptedException {
    Agent agent = model.agent(source.host());
    agent.call("migration.resolve", request(source).put("verdict", "thaw"), SLOW);
  }

  /** Tells a host to remove what a migration has left there, or what has come there; false if it is not gone after some time. */
  boolean discard(InstanceFact instance) throws InterruptedException {
    long until = System.nanoTime() + GONE_MS * 1_000_000;
    boolean gone = false;
    while (!gone && System.nanoTime() < until) {
      tell(instance, "discard");
      gone = model.await(() -> model.instance(instance.instance()).isEmpty(), PAUSE_MS);
    }
    return gone;
  }
}
