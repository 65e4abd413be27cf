// SPDX-License-Identifier: Apache-2.0
package org.mobitopolo.app.cli;

import java.time.Duration;
import java.util.function.Function;
import org.mobitopolo.topology.Quantities;
import org.mobitopolo.topology.Rate;
import org.mobitopolo.topology.Size;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Quantities on the command line, written as in topology files. */
public abstract class Quantity<T> implements ITypeConverter<T> {

  private final Function<String, T> reader;

  private Quantity(Function<String, T> reader) {
    this.reader = reader;
  }

  @Override
  public final T convert(String text) {
    try {
      return reader.apply(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }

  /** Such as 85ms. */
  public static final class OfTime extends Quantity<Duration> {
    OfTime() {
      super(Quantities::parseDuration);
    }
  }

  /** Such as 8Mbit. */
  public static final class OfRate extends Quantity<Rate> {
    OfRate() {
      super(Rate::parse);
    }
  }

  /** Such as 64MiB. */
  public static final class OfSize extends Quantity<Size> {
    OfSize() {
      super(Size::parse);
    }
  }
}
