// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.migration;

import java.util.List;
import org.mobitopolo.link.SharedKey;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Who may pass on the stream of a migration between hosts that do not reach each other (protocols.md section 10).
 *
 * @param by names the relay: a host's URL, or {@link org.mobitopolo.link.LinkRelay#DESKTOP}
 * @param pair number of the two ends at the relay
 * @param key admits the ends to the relay
 * @param source where the source finds the relay: {@code ip:port}
 * @param target where the target finds it
 */
public record StreamRelay(String by, long pair, SharedKey key, List<String> source, List<String> target) {
  public StreamRelay {
    source = List.copyOf(source);
    target = List.copyOf(target);
  }

  void write(ArrayNode list, List<String> endpoints) {
    ObjectNode relay = list.addObject().put("by", by).put("pair", pair).put("key", key.base64());
    ArrayNode places = relay.putArray("endpoints");
    endpoints.forEach(places::add);
  }
}
