// SPDX-License-Identifier: Apache-2.0
/**
 * A root file system as a tree in memory, read from tar streams and written as ext4. Nothing of it ever becomes a file of the desktop, so
 * neither paths nor device nodes nor owners of a foreign archive can do harm, and no privilege is needed.
 */
package org.mobitopolo.image.disk;
