// SPDX-License-Identifier: Apache-2.0
/** Long-running things that a user can watch and cancel, and the failures they report. Imports no other package of ours. */
package org.mobitopolo.task;
