package dev.tributary.secagg.testing;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What every fuzz target holds its code to. */
public final class Fuzzing {

  /** Refuses an input. */
  @FunctionalInterface
  public interface Decoder {
    /** Decodes, or throws what it may. */
    void run() throws Exception;
  }

  /** Far more than any decoder needs, whatever the input says about lengths. */
  private static final long MOST_BYTES = 64L << 20;

  /** What an input of n bytes may cost beside that. */
  private static final long MOST_BYTES_FOR_EACH = 4096;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Fuzzing() {}

  /** Runs a decoder that may refuse by these types, with a message, and by nothing else. */
  public static void refusesBy(byte[] input, Decoder decoder, Class<?>... refusals) {
    long most = MOST_BYTES + MOST_BYTES_FOR_EACH * input.length;
    // The first run may load classes, which a fuzzer rewrites meanwhile, on this thread.
    if (allocated(decoder, refusals) > most) {
      long used = allocated(decoder, refusals);
      if (used > most) {
        throw new AssertionError(input.length + " bytes of input took " + used + " of memory");
      }
    }
  }

  private static long allocated(Decoder decoder, Class<?>... refusals) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      decoder.run();
    } catch (Exception e) {
      checkRefusal(e, refusals);
    }
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  private static void checkRefusal(Exception e, Class<?>[] refusals) {
    for (Class<?> refusal : refusals) {
      if (refusal.isInstance(e)) {
        if (e.getMessage() == null || e.getMessage().isBlank()) {
          throw new AssertionError("a refusal without a reason", e);
        }
        return;
      }
    }
    throw new AssertionError("not a refusal", e);
  }
}
