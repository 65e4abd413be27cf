// SPDX-License-Identifier: Apache-2.0
/**
 * What runs: compares the topology (the wish) with what the hosts report (the fact), and acts until they agree.
 *
 * <p>Entry points are {@link org.mobitopolo.lab.Lab} and {@link org.mobitopolo.lab.Labs}.
 */
package org.mobitopolo.lab;
