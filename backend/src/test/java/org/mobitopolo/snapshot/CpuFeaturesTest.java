// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class CpuFeaturesTest {
  @Test
  void desktopAndAgentLookAtTheSameFeatures() throws Exception {
    String source = Files.readString(Path.of("host/src/migration_check.c"));
    int begin = source.indexOf("used_by_programs[] = {");
    Matcher names = Pattern.compile("\"([^\"]+)\"").matcher(source.substring(begin, source.indexOf("};", begin)));
    List<String> found = new ArrayList<>();
    while (names.find()) {
      found.add(names.group(1));
    }
    assertThat(CpuFeatures.USED_BY_PROGRAMS).isEqualTo(found);
  }

  @Test
  void onlyWhatProgramsUseIsMissed() {
    assertThat(CpuFeatures.missing(Set.of("avx2", "sse2", "vmx"), Set.of("sse2"))).containsExactly("avx2");
    assertThat(CpuFeatures.missing(Set.of("avx2", "sse2"), Set.of("sse2", "avx2", "avx512f"))).isEmpty();
  }
}
