// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.canvas.model;

/**
 * Whether dragged nodes may be dropped where they are.
 *
 * @param fits false: the place is marked as refused, and dropping there takes the nodes back
 * @param text what would happen, or why not, in a few words; may be empty
 */
public record DropAdvice(boolean fits, String text) {}
