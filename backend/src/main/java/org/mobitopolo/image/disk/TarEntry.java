// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image.disk;

import java.util.Map;

/**
 * A member of a tar file, its contents apart. Texts are bytes in ISO 8859-1.
 *
 * @param type the letter of the format
 * @param link where links lead to
 * @param attributes extended attributes by their whole names
 */
record TarEntry(
    String path, char type, int mode, long uid, long gid, long size, long seconds, String link, int major, int minor, Map<String, byte[]> attributes) {}
