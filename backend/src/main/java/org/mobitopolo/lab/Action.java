// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.lab;

import org.mobitopolo.link.LinkPlan;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Node;
import org.mobitopolo.topology.VirtualMachine;

/** One thing to do so that the fact comes nearer to the wish. Each can be done now: what it depends on is done already. */
sealed interface Action {

  /** What must not be worked on by two actions at once: a node, a link or a host. */
  String subject();

  /** Keeps the topology with the host. */
  record PutTopology(HostUrl host) implements Action {
    @Override
    public String subject() {
      return "topology at " + host;
    }
  }

  /** Makes an instance of a node where its region is, and before that a VM's image if it is missing there. */
  record Create(Node node, HostUrl host, String region) implements Action {
    @Override
    public String subject() {
      return node.id();
    }
  }

  /** Starts an instance that does not run. */
  record Boot(Node node, InstanceFact instance) implements Action {
    @Override
    public String subject() {
      return node.id();
    }
  }

  /** Shuts an instance down. */
  record Stop(String node, InstanceFact instance) implements Action {
    @Override
    public String subject() {
      return node;
    }
  }

  /** Removes an instance that does not run, with its disk. */
  record Delete(String node, InstanceFact instance) implements Action {
    @Override
    public String subject() {
      return node;
    }
  }

  /** Gives a running guest its changed scripts. */
  record Rescript(VirtualMachine vm, InstanceFact instance) implements Action {
    @Override
    public String subject() {
      return vm.id();
    }
  }

  /** Changes what an instance that does not run is made of; its disk stays. */
  record Reconfigure(VirtualMachine vm, InstanceFact instance, String region) implements Action {
    @Override
    public String subject() {
      return vm.id();
    }
  }

  /** Migrates a running VM. */
  record Move(VirtualMachine vm, InstanceFact instance, String toRegion, HostUrl toHost) implements Action {
    @Override
    public String subject() {
      return vm.id();
    }
  }

  /** Tells both ends of a link what they are to do. */
  record SetLink(LinkPlan plan) implements Action {
    @Override
    public String subject() {
      return plan.link();
    }
  }

  /** Unplugs a NIC whose link is gone. */
  record ClearLink(InstanceFact instance, int nic, String link) implements Action {
    @Override
    public String subject() {
      return link;
    }
  }

  /** Decides a migration that broke off between two hosts. */
  record Resolve(Verdicts.Verdict verdict) implements Action {
    @Override
    public String subject() {
      return verdict.instance().node();
    }
  }
}
