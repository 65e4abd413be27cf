// SPDX-License-Identifier: Apache-2.0
/**
 * Benchmarks with real VMs on this computer. What they measure is printed and never judged: how
 * fast a machine is, and what else it does, is nobody's mistake. Each works with a lab and a host
 * folder of its own and leaves nothing behind.
 */
package org.mobitopolo.app.bench;
