// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import java.io.OutputStream;
import java.util.List;
import org.mobitopolo.host.Agent;
import org.mobitopolo.host.BulkChannel;
import org.mobitopolo.snapshot.bundle.Bundle;
import org.mobitopolo.snapshot.bundle.Manifest;
import org.mobitopolo.task.Task;
import tools.jackson.databind.node.ObjectNode;

/**
 * A lab in a snapshot that its hosts keep. A VM that goes on where its part lies is made there without its memory passing the desktop; another's
 * goes from host to host through it.
 *
 * @param parts in the order of the manifest
 */
record KeptLab(String snapshot, Manifest manifest, List<Part> parts) implements SavedLab {
  /** The hosts check what they read; before the old VMs give way all has been read. */
  @Override
  public void check(Task.Progress progress) {}

  @Override
  public void writeImage(String sha256, OutputStream out) {
    throw new IllegalStateException("the manifest of what hosts keep names no images");
  }

  @Override
  public States states(boolean often) {
    return new States() {
      @Override
      public void put(int machine, ObjectNode config, Agent agent, String instance, Together together) throws InterruptedException {
        Part part = parts.get(machine);
        if (part.agent().equals(agent)) {
          putThere(config, part, instance, together);
        } else {
          carry(config, part, agent, instance, together);
        }
      }

      @Override
      public void close() {}
    };
  }

  private void putThere(ObjectNode config, Part part, String instance, Together together) throws InterruptedException {
    try (BulkChannel to = together.closing(part.agent().openBulk("put", "state", instance, "from", snapshot, part.instance()))) {
      to.send(out -> StateSpool.frame(out, zstd -> Bundle.writeConfig(config, zstd)));
      to.answer();
    }
  }

  private void carry(ObjectNode config, Part part, Agent agent, String instance, Together together) throws InterruptedException {
    try (BulkChannel from = together.closing(part.agent().openBulk("get", "snapshot", snapshot, part.instance()));
        BulkChannel to = together.closing(agent.openBulk("put", "state", instance))) {
      to.send(
          out -> {
            StateSpool.frame(out, zstd -> Bundle.writeConfig(config, zstd));
            from.output().transferTo(out);
          });
      to.answer();
      from.finish();
    }
  }
}
