// SPDX-License-Identifier: Apache-2.0
/** Plans what each end of a link must be told: key, peers, cipher, impairment (protocols.md sections 5 and 6). */
package org.mobitopolo.link;
