// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import java.util.List;
import java.util.Set;

/** The CPU features that programs may use, so that a guest that found them must find them again. The agent's migration_check.c has the same list. */
final class CpuFeatures {
  static final List<String> USED_BY_PROGRAMS =
      List.of(
          "cmov", "cx8", "fxsr", "mmx", "sse", "sse2", "pni", "ssse3", "sse4_1", "sse4_2", "sse4a", "cx16", "popcnt", "lahf_lm", "abm",
          "aes", "vaes", "pclmulqdq", "vpclmulqdq", "gfni", "sha_ni", "rdrand", "rdseed", "movbe", "bmi1", "bmi2", "adx", "avx", "avx2",
          "fma", "fma4", "f16c", "xop", "tbm", "avx_vnni", "avx512f", "avx512dq", "avx512cd", "avx512bw", "avx512vl", "avx512ifma",
          "avx512vbmi", "avx512_vbmi2", "avx512_vnni", "avx512_bitalg", "avx512_vpopcntdq", "avx512_bf16", "avx512_fp16",
          "rdtscp", "rdpid", "clflushopt", "clwb", "erms", "fsrm", "movdiri", "movdir64b", "serialize", "clzero",
          "wbnoinvd", "fsgsbase", "3dnowprefetch");

  /** The register sets (bits of XCR0) that programs may use: AVX, AVX-512, APX. The guest kernel's um_xstate.h has the same. */
  static final long REGISTER_SETS = 0x800e4L;

  private CpuFeatures() {}

  /** Those that a guest may use and a host lacks. */
  static List<String> missing(Set<String> used, Set<String> there) {
    return USED_BY_PROGRAMS.stream().filter(feature -> used.contains(feature) && !there.contains(feature)).toList();
  }
}
