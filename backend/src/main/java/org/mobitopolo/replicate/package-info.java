// SPDX-License-Identifier: Apache-2.0
/**
 * Copies of a saved lab, each with id, links and parameters of its own, and the script that runs in each: an experiment done many times at once.
 */
package org.mobitopolo.replicate;
