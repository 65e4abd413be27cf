// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.replicate;

/**
 * A script that runs in each copy.
 *
 * @param node id of the VM in which it runs
 * @param script for the guest's {@code /bin/sh}
 */
public record Experiment(String node, String script) {}
