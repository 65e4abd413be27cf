// SPDX-License-Identifier: Apache-2.0
/** Topology, lab, hosts, migration: all that needs no window. */
module org.mobitopolo.backend {
  requires tools.jackson.databind;
  requires com.jcraft.jsch;
  requires org.slf4j;

  exports org.mobitopolo.host;
  exports org.mobitopolo.lab;
  exports org.mobitopolo.migration;
  exports org.mobitopolo.task;
  exports org.mobitopolo.topology;
  exports org.mobitopolo.topology.edit;
}
