package dev.tributary.nn;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What a setting of a layer is when it is left out. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface Default {
  /** As it would be written. */
  String value();

  /** Whether the canonical JSON has it even then. */
  boolean written() default true;
}
