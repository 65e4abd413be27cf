// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.demo;

/**
 * How much of the file had arrived at one moment.
 *
 * @param seconds by the client's clock, from the beginning of the copy
 * @param bytes in the client's file
 */
public record Sample(double seconds, long bytes) {}
