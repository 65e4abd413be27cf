// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.image.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file system as e2fsprogs see it. */
class Ext4Test {
  @TempDir private Path folder;

  private Contents contents;
  private final FileTree tree = new FileTree();

  @BeforeEach
  void open() throws Exception {
    contents = new Contents(folder, 1L << 32);
  }

  @AfterEach
  void close() throws Exception {
    contents.close();
  }

  private Path write(int sizeMiB) throws Exception {
    Path image = folder.resolve("image");
    Ext4.write(tree, contents, image, "test", sizeMiB);
    assertThat(Files.size(image)).isEqualTo((long) sizeMiB << 20);
    assertThat(run("e2fsck", "-fn", image.toString())).doesNotContain("WARNING", "Fix?");
    return image;
  }

  /** What a program prints; it has to end well. */
  private static String run(String... command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().merge("PATH", ":/usr/sbin:/sbin", String::concat);
    builder.command().set(0, Files.isExecutable(Path.of("/usr/sbin", command[0])) ? "/usr/sbin/" + command[0] : command[0]);
    Process process = builder.start();
    String output;
    try (InputStream in = process.getInputStream()) {
      output = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    }
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  private void file(String path, byte[] bytes) throws Exception {
    tree.put(path, Inode.file(0644, contents.add(bytes)));
  }

  @Test
  void anEmptyOneIsSound() throws Exception {
    Path image = write(256);
    assertThat(run("debugfs", "-R", "stats", image.toString())).contains("has_journal", "Filesystem volume name:   test");
  }

  @Test
  void filesOfAllSizesAreReadBack() throws Exception {
    Random random = new Random(1);
    for (int size : new int[] {0, 1, 4095, 4096, 4097, 1 << 20, 5_000_000}) {
      byte[] bytes = new byte[size];
      random.nextBytes(bytes);
      file("sizes/" + size, bytes);
      Path back = folder.resolve("back");
      run("debugfs", "-R", "dump sizes/" + size + " " + back, write(256).toString());
      assertThat(Files.readAllBytes(back)).isEqualTo(bytes);
    }
  }

  @Test
  void aFileLargerThanManyGroupsIsReadBack() throws Exception {
    byte[] bytes = new byte[200 << 20];
    for (int i = 0; i < bytes.length; i += 4096) {
      bytes[i] = (byte) (i >> 12);
      bytes[i + 1] = (byte) (i >> 20);
    }
    file("small", new byte[] {1});
    file("large", bytes);
    Path back = folder.resolve("back");
    run("debugfs", "-R", "dump large " + back, write(1024).toString());
    assertThat(Arrays.mismatch(Files.readAllBytes(back), bytes)).isNegative();
  }

  @Test
  void ownersModesTimesLinksAndDevicesAreKept() throws Exception {
    Inode file = Inode.file(04755, contents.add(new byte[] {1, 2, 3}));
    file.uid = 100_000;
    file.gid = 70_000;
    file.seconds = 1_700_000_000;
    tree.put("usr/bin/sudo", file);
    tree.link("usr/bin/twin", "usr/bin/sudo");
    tree.put("bin", Inode.symlink("usr/bin"));
    tree.put("long", Inode.symlink("x/".repeat(100)));
    tree.put("dev/console", Inode.special(Inode.Kind.CHARACTER_DEVICE, 0600, 5, 1));
    tree.put("dev/big", Inode.special(Inode.Kind.BLOCK_DEVICE, 0660, 300, 70_000));
    tree.put("dev/pipe", Inode.special(Inode.Kind.FIFO, 0622, 0, 0));
    Path image = write(256);
    assertThat(run("debugfs", "-R", "stat bin/sudo", image.toString()))
        .contains("Mode:  04755", "User: 100000", "Group: 70000", "Links: 2", "0x6553f100", "Size: 3");
    assertThat(run("debugfs", "-R", "stat dev/console", image.toString())).contains("character special", "05:01");
    assertThat(run("debugfs", "-R", "stat dev/big", image.toString())).contains("block special", "300:70000");
    assertThat(run("debugfs", "-R", "stat dev/pipe", image.toString())).contains("FIFO");
    assertThat(run("debugfs", "-R", "stat bin", image.toString())).contains("Fast link dest: \"usr/bin\"");
    assertThat(run("debugfs", "-R", "cat long", image.toString())).contains("x/x/x/");
  }

  @Test
  void extendedAttributesAreKeptWhetherTheyFitOrNot() throws Exception {
    byte[] capability = {1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    Inode ping = Inode.file(0755, contents.add(new byte[] {1}));
    ping.attributes.put("security.capability", capability);
    tree.put("ping", ping);
    Inode many = Inode.file(0644, contents.add(new byte[] {1}));
    many.attributes.putAll(new TreeMap<>(java.util.Map.of("user.b", new byte[300], "user.aa", "value".getBytes(StandardCharsets.US_ASCII))));
    many.attributes.put("security.capability", capability);
    tree.put("many", many);
    Path image = write(256);
    assertThat(run("debugfs", "-R", "ea_get -x ping security.capability", image.toString())).contains("01 00 00 02 00 20");
    assertThat(run("debugfs", "-R", "ea_get -x many security.capability", image.toString())).contains("01 00 00 02 00 20");
    assertThat(run("debugfs", "-R", "ea_get many user.aa", image.toString())).contains("value");
  }

  @Test
  void foldersOfThousandsOfNamesAreSound() throws Exception {
    for (int i = 0; i < 3000; i++) {
      tree.put("many/file-with-a-rather-long-name-" + i, Inode.file(0644, Contents.Range.EMPTY));
      tree.put("folders/" + i, Inode.directory(0755));
    }
    Path image = write(256);
    assertThat(run("debugfs", "-R", "ls -p many", image.toString()).lines().filter(line -> line.contains("/file-with")).count()).isEqualTo(3000);
  }

  @Test
  void theSameTreeGivesTheSameBytes() throws Exception {
    file("etc/hostname", new byte[] {'a'});
    byte[] first = Files.readAllBytes(write(256));
    assertThat(Files.readAllBytes(write(256))).isEqualTo(first);
  }

  @Test
  void otherSizesAreSoundToo() throws Exception {
    file("etc/hostname", new byte[] {'a'});
    for (int size : List.of(64, 129, 257, 1000, 5000)) {
      write(size);
    }
  }

  @Test
  void whatDoesNotFitIsTold() throws Exception {
    file("large", new byte[80 << 20]);
    assertThatThrownBy(() -> write(64)).isInstanceOf(BadArchiveException.class).hasMessage("it does not fit into 64 MiB");
  }
}
