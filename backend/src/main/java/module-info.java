// SPDX-License-Identifier: Apache-2.0
/** Topology, lab, hosts, migration: all that needs no window. */
module org.mobitopolo.backend {
  requires java.net.http;
  requires java.xml;
  requires tools.jackson.databind;
  requires com.jcraft.jsch;
  requires com.github.luben.zstd_jni;
  requires org.apache.commons.compress;
  requires org.apache.commons.io;
  requires org.slf4j;
  requires org.snakeyaml.engine.v2;

  exports org.mobitopolo.host;
  exports org.mobitopolo.image;
  exports org.mobitopolo.imagebuild;
  exports org.mobitopolo.interchange;
  exports org.mobitopolo.inventory;
  exports org.mobitopolo.lab;
  exports org.mobitopolo.migration;
  exports org.mobitopolo.replicate;
  exports org.mobitopolo.snapshot;
  exports org.mobitopolo.snapshot.bundle;
  exports org.mobitopolo.task;
  exports org.mobitopolo.topology;
  exports org.mobitopolo.topology.edit;
  exports org.mobitopolo.topology.generate;
}
