// SPDX-License-Identifier: Apache-2.0
/** Moving a running VM from one host to another: the two agents do it, this package asks them to and says what came of it. */
package org.mobitopolo.migration;
