// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.link;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Writes the {@code link} of protocols.md section 5. */
public final class LinkJson {
  private LinkJson() {}

  /**
   * What one end of a link is told.
   *
   * @param side the plan's side for that end
   * @param name of that side, {@code a} or {@code b}
   */
  public static ObjectNode of(LinkPlan plan, LinkPlan.Side side, String name, Keying keying) {
    ObjectNode link = JsonNodeFactory.instance.objectNode();
    link.put("link", plan.link()).put("cipher", plan.cipher()).put("side", name).put("up", true);
    keying.write(link);
    ArrayNode peers = link.putArray("peers");
    side.peers().forEach(peers::add);
    link.set("egress", egress(side.egress()));
    plan.relay().ifPresent(relay -> link.set("relay", relay(relay, name)));
    return link;
  }

  private static ObjectNode relay(LinkRelay relay, String side) {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("by", relay.by()).put("pair", relay.pair()).put("key", relay.key().base64());
    ArrayNode endpoints = json.putArray("endpoints");
    (side.equals("a") ? relay.a() : relay.b()).forEach(endpoints::add);
    return json;
  }

  private static ObjectNode egress(Egress egress) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("delayUs", egress.delayUs())
        .put("jitterUs", egress.jitterUs())
        .put("distribution", egress.distribution())
        .put("loss", egress.loss())
        .put("lossBurst", egress.lossBurst())
        .put("duplicate", egress.duplicate())
        .put("reorder", egress.reorder())
        .put("corrupt", egress.corrupt())
        .put("rateBps", egress.rateBps())
        .put("queueBytes", egress.queueBytes());
  }
}
