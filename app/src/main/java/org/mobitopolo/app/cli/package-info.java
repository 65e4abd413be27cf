// SPDX-License-Identifier: Apache-2.0
/**
 * The command line. Every command reports failures as sentences, ends with status 0 only when it
 * did all that it was asked for, and speaks JSON with {@code --json}.
 */
package org.mobitopolo.app.cli;
