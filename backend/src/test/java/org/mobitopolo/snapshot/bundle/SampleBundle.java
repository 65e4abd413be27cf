// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot.bundle;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.mobitopolo.fixture.TestLabs;
import org.mobitopolo.topology.HostUrl;
import org.mobitopolo.topology.Topology;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A lab of two VMs with contents made of a seed, as hosts' agents would send it. */
final class SampleBundle {
  static final Instant CREATED = Instant.parse("2026-03-04T05:06:07.089Z");
  static final byte[] THUMBNAIL = {(byte) 0x89, 'P', 'N', 'G', 1, 2, 3};

  private static final int MEGABYTE_OF_PAGES = 256;
  private static final String IMAGE = "ab".repeat(32);

  /** A VM: its pages by number, for RAM and disk; a page of a disk may be all zero. */
  record Vm(Map<Long, byte[]> ram, Map<Long, byte[]> disk, byte[] devices, byte[] frames, byte[] digest, Head head) {}

  final Topology topology = TestLabs.pair(HostUrl.parse("ssh://alice@secret.example:2222/home/alice/labs"), HostUrl.parse("ssh://bob@hidden.example"));
  final List<Vm> vms = new ArrayList<>();
  private final Random random;

  /**
   * Makes one.
   *
   * @param pages about how many pages each VM has; half of them are equal to others
   */
  SampleBundle(long seed, int pages) {
    random = new Random(seed);
    List<byte[]> pool = new ArrayList<>();
    for (int i = 0; i < Math.max(1, pages / 2); i++) {
      pool.add(randomPage());
    }
    for (int vm = 0; vm < 2; vm++) {
      Map<Long, byte[]> ram = region(pool, pages, pages * 3 + MEGABYTE_OF_PAGES, false);
      Map<Long, byte[]> disk = region(pool, pages / 4, pages + 8, true);
      byte[] devices = ("{\"console\":\"" + "x".repeat(random.nextInt(400_000)) + "\"}").getBytes(StandardCharsets.UTF_8);
      byte[] frames = bytes(random.nextInt(3) * 1000);
      vms.add(new Vm(ram, disk, devices, frames, bytes(48), head(vm, ram, disk, pages * 3 + MEGABYTE_OF_PAGES, pages + 8)));
    }
  }

  private byte[] bytes(int size) {
    byte[] made = new byte[size];
    random.nextBytes(made);
    return made;
  }

  /** Half of it can be compressed. */
  private byte[] randomPage() {
    byte[] page = bytes(Head.PAGE);
    Arrays.fill(page, 100, Head.PAGE / 2, (byte) 7);
    return page;
  }

  private Map<Long, byte[]> region(List<byte[]> pool, int pages, int size, boolean zeros) {
    Map<Long, byte[]> region = new TreeMap<>();
    for (int i = 0; i < pages; i++) {
      long number = random.nextBoolean() && !region.isEmpty() ? Math.min(size - 1, ((TreeMap<Long, byte[]>) region).lastKey() + 1) : random.nextInt(size);
      byte[] page = random.nextBoolean() ? pool.get(random.nextInt(pool.size())) : randomPage();
      region.put(number, zeros && random.nextInt(4) == 0 ? new byte[Head.PAGE] : page);
    }
    return region;
  }

  private static Head head(int vm, Map<Long, byte[]> ram, Map<Long, byte[]> disk, long ramPages, long diskBlocks) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("version", 1).put("node", vm == 0 ? "left" : "right").put("buildId", "12345678").put("pageSize", Head.PAGE);
    json.put("ramSize", ramPages * Head.PAGE).put("seccomp", true).put("xfeatures", 7L).put("xsaveSize", 832L).put("cutUs", 1_700_000_000_000_000L + vm);
    json.putArray("cpuFeatures").add("avx").add("sse2");
    ArrayNode disks = json.putArray("disks");
    disks.addObject().put("image", IMAGE).put("blocks", diskBlocks);
    json.put("ramPages", ram.size()).put("diskBlocks", disk.size());
    return Head.parse(Json.parse(Json.MAPPER.writeValueAsBytes(json)));
  }

  Manifest manifest() {
    List<Manifest.Machine> machines = new ArrayList<>();
    for (int vm = 0; vm < vms.size(); vm++) {
      machines.add(new Manifest.Machine(vm == 0 ? "left" : "right", "tokyo", "cd".repeat(32), Optional.of("ef".repeat(32)), vms.get(vm).head()));
    }
    return new Manifest("Pair", CREATED, Manifest.anonymous(topology), Manifest.places(topology), machines, Map.of());
  }

  /** Writes all of it and returns the file's size. */
  long write(Path file) throws IOException {
    try (BundleWriter writer = BundleWriter.create(file, manifest(), Optional.of(THUMBNAIL))) {
      for (int vm = 0; vm < vms.size(); vm++) {
        writer.machine(vm, vms.get(vm).head(), new ByteArrayInputStream(stream(vm)), taken -> {});
      }
      return writer.finish();
    }
  }

  /** The state stream of a VM. */
  byte[] stream(int number) {
    Vm vm = vms.get(number);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(StateMessage.magic());
    message(out, StateMessage.HEAD, Json.MAPPER.writeValueAsBytes(vm.head().json()));
    pages(out, 0, vm.ram());
    pages(out, 1, vm.disk());
    devices(out, StateMessage.DEVICES_JSON, vm.devices());
    devices(out, StateMessage.DEVICES_FRAMES, vm.frames());
    message(out, StateMessage.DIGEST, vm.digest());
    message(out, StateMessage.END, new byte[0]);
    return out.toByteArray();
  }

  /** One message a run of pages, and one a zero page. */
  private void pages(ByteArrayOutputStream out, int region, Map<Long, byte[]> pages) {
    List<Map.Entry<Long, byte[]>> entries = List.copyOf(pages.entrySet());
    for (int i = 0; i < entries.size(); ) {
      boolean zero = isZero(entries.get(i).getValue());
      int count = 1;
      int most = zero ? 1 : 1 + random.nextInt(StateMessage.MOST_PAGES);
      while (count < most
          && i + count < entries.size()
          && entries.get(i + count).getKey() == entries.get(i).getKey() + count
          && !isZero(entries.get(i + count).getValue())) {
        count++;
      }
      ByteBuffer payload = ByteBuffer.allocate(16 + (zero ? 0 : count * Head.PAGE)).order(ByteOrder.LITTLE_ENDIAN);
      payload.put((byte) region).put((byte) (zero ? 0 : 1)).putShort((short) 1).putLong(entries.get(i).getKey()).putInt(count);
      for (int page = 0; page < count && !zero; page++) {
        payload.put(entries.get(i + page).getValue());
      }
      message(out, StateMessage.PAGES, payload.array());
      i += count;
    }
  }

  static boolean isZero(byte[] page) {
    return Arrays.equals(page, new byte[Head.PAGE]);
  }

  private static void devices(ByteArrayOutputStream out, int which, byte[] bytes) {
    for (int at = 0; at < bytes.length; at += 100_000) {
      byte[] piece = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + 100_000));
      message(out, StateMessage.DEVICES, ByteBuffer.allocate(1 + piece.length).put((byte) which).put(piece).array());
    }
  }

  static void message(ByteArrayOutputStream out, int type, byte[] payload) {
    out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(type | payload.length << 8).array());
    out.writeBytes(payload);
  }

  /** What an agent would understand of a state stream that begins with CONFIG. */
  static Vm read(byte[] stream, ObjectNode config) {
    ByteBuffer in = ByteBuffer.wrap(stream).order(ByteOrder.LITTLE_ENDIAN);
    byte[] first = payload(in, StateMessage.CONFIG);
    if (!Json.parse(first).equals(config)) {
      throw new AssertionError("other config: " + new String(first, StandardCharsets.UTF_8));
    }
    byte[] magic = new byte[8];
    in.get(magic);
    if (!Arrays.equals(magic, StateMessage.magic())) {
      throw new AssertionError("no magic");
    }
    Head head = Head.parse(Json.parse(payload(in, StateMessage.HEAD)));
    Map<Integer, Map<Long, byte[]>> regions = new HashMap<>(Map.of(0, new TreeMap<>(), 1, new TreeMap<>()));
    ByteArrayOutputStream devices = new ByteArrayOutputStream();
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    while (true) {
      int type = in.get(in.position());
      byte[] payload = payload(in, type);
      switch (type) {
        case StateMessage.PAGES -> readPages(payload, regions);
        case StateMessage.DEVICES -> (payload[0] == 0 ? devices : frames).write(payload, 1, payload.length - 1);
        case StateMessage.DIGEST -> {
          if (payload(in, StateMessage.END).length != 0 || in.hasRemaining()) {
            throw new AssertionError("no end");
          }
          return new Vm(regions.get(0), regions.get(1), devices.toByteArray(), frames.toByteArray(), payload, head);
        }
        default -> throw new AssertionError("message " + type);
      }
    }
  }

  private static void readPages(byte[] payload, Map<Integer, Map<Long, byte[]>> regions) {
    ByteBuffer in = ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN);
    Map<Long, byte[]> region = regions.get((int) in.get());
    int encoding = in.get();
    int runs = in.getShort();
    ByteBuffer contents = ByteBuffer.wrap(payload, 4 + 12 * runs, payload.length - 4 - 12 * runs);
    for (int run = 0; run < runs; run++) {
      long first = in.getLong();
      int count = in.getInt();
      for (int i = 0; i < count; i++) {
        byte[] page = new byte[Head.PAGE];
        if (encoding == StateMessage.ENCODING_RAW) {
          contents.get(page);
        }
        if (region.put(first + i, page) != null) {
          throw new AssertionError("page " + (first + i) + " comes twice");
        }
      }
    }
    if (contents.hasRemaining()) {
      throw new AssertionError("bytes are left");
    }
  }

  private static byte[] payload(ByteBuffer in, int type) {
    int header = in.getInt();
    if ((header & 0xff) != type || header >>> 8 > StateMessage.MAX_PAYLOAD) {
      throw new AssertionError("message " + header);
    }
    byte[] payload = new byte[header >>> 8];
    in.get(payload);
    return payload;
  }
}
