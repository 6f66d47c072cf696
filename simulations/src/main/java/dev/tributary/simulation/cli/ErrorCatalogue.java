package dev.tributary.simulation.cli;

import dev.tributary.client.ClientException;
import dev.tributary.coordinator.access.TokenException;
import dev.tributary.coordinator.job.JobFileException;
import dev.tributary.coordinator.net.ServerException;
import dev.tributary.coordinator.store.StoreException;
import dev.tributary.nn.ModelFileException;
import dev.tributary.nn.ModelSpecException;
import dev.tributary.nn.data.DataException;
import dev.tributary.nn.engine.EngineException;
import dev.tributary.nn.interchange.InterchangeException;
import dev.tributary.privacy.BudgetExceededException;
import dev.tributary.privacy.LedgerConflictException;
import dev.tributary.privacy.LedgerDamagedException;
import dev.tributary.privacy.OperatorException;
import dev.tributary.privacy.PipelineException;
import dev.tributary.privacy.RelationException;
import dev.tributary.privacy.UnreachableBudgetException;
import dev.tributary.secagg.CertificateException;
import dev.tributary.secagg.KeyFileException;
import dev.tributary.secagg.OutdatedTrustException;
import dev.tributary.secagg.SumParametersException;
import dev.tributary.simulation.BrokenInvariantException;
import dev.tributary.simulation.StatisticsException;
import dev.tributary.simulation.UnsuitableBackendException;
import dev.tributary.simulation.data.DamagedDataException;
import dev.tributary.simulation.data.FetchException;
import dev.tributary.simulation.data.PartitionException;
import dev.tributary.simulation.data.UnknownDataException;
import dev.tributary.simulation.live.ProcessException;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Finds the code and the words for whatever a module throws. */
public final class ErrorCatalogue {
  /** What to tell, and the status to end with. */
  public record Failure(ErrorCode code, String message) {}

  private static final Map<Class<? extends Throwable>, Function<Throwable, ErrorCode>> KNOWN =
      known();

  /** What to do where memory does not suffice. */
  static final String MORE_MEMORY =
      "Give it more, such as TRIBUTARY_JAVA_OPTS=-Xmx8g, or take a smaller cohort, model or population.";

  private ErrorCatalogue() {}

  /** The failure behind an exception: of the exception or the first of its causes that is known. */
  public static Failure describe(Throwable thrown) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Throwable t = thrown; t != null && seen.add(t); t = t.getCause()) {
      ErrorCode code = code(t);
      if (code != null) {
        return new Failure(code, words(t, code));
      }
    }
    return new Failure(
        ErrorCode.INTERNAL,
        "%s. This is a bug in Tributary. Run the command again with --verbose and report what it prints."
            .formatted(thrown));
  }

  private static @Nullable ErrorCode code(Throwable thrown) {
    for (Map.Entry<Class<? extends Throwable>, Function<Throwable, ErrorCode>> entry :
        KNOWN.entrySet()) {
      if (entry.getKey().isInstance(thrown)) {
        return entry.getValue().apply(thrown);
      }
    }
    if (thrown instanceof IOException io) {
      return isFull(io) ? ErrorCode.DISK_FULL : ErrorCode.OUTPUT_NOT_WRITABLE;
    }
    return null;
  }

  private static Map<Class<? extends Throwable>, Function<Throwable, ErrorCode>> known() {
    Map<Class<? extends Throwable>, Function<Throwable, ErrorCode>> map = new LinkedHashMap<>();
    map.put(CommandException.class, t -> ((CommandException) t).code());
    map.put(JobFileException.class, t -> word(((JobFileException) t).code()));
    map.put(ClientException.class, t -> word(((ClientException) t).code().text()));
    map.put(ServerException.class, t -> word(((ServerException) t).code()));
    map.put(StoreException.class, t -> word(((StoreException) t).code()));
    map.put(TokenException.class, t -> word(((TokenException) t).code()));
    map.put(
        DataException.class,
        t ->
            t.getCause() instanceof NoSuchFileException
                ? ErrorCode.DATA_MISSING
                : ErrorCode.DATA_DAMAGED);
    map.put(DamagedDataException.class, t -> ErrorCode.DATA_DAMAGED);
    map.put(
        FetchException.class,
        t -> ((FetchException) t).isDamaged() ? ErrorCode.DATA_DAMAGED : ErrorCode.DATA_MISSING);
    map.put(UnknownDataException.class, t -> ErrorCode.DATA_UNKNOWN);
    map.put(PartitionException.class, t -> ErrorCode.DATA_DOES_NOT_FIT);
    map.put(ModelSpecException.class, t -> ErrorCode.MODEL_DOES_NOT_FIT);
    map.put(
        ModelFileException.class,
        t ->
            t.getCause() instanceof NoSuchFileException
                ? ErrorCode.MODEL_MISSING
                : ErrorCode.MODEL_DAMAGED);
    map.put(InterchangeException.class, t -> ErrorCode.MODEL_DAMAGED);
    map.put(StatisticsException.class, t -> ErrorCode.NO_ROUND_COMPLETED);
    map.put(UnsuitableBackendException.class, t -> ErrorCode.BACKEND_UNAVAILABLE);
    map.put(EngineException.class, t -> ErrorCode.ENGINE_UNAVAILABLE);
    map.put(BudgetExceededException.class, t -> ErrorCode.BUDGET_EXCEEDED);
    map.put(UnreachableBudgetException.class, t -> ErrorCode.BUDGET_TOO_SMALL);
    map.put(RelationException.class, t -> ErrorCode.RELATION_NOT_COVERED);
    map.put(PipelineException.class, t -> ErrorCode.RING_TOO_SMALL);
    map.put(SumParametersException.class, t -> ErrorCode.SUM_IMPOSSIBLE);
    map.put(LedgerDamagedException.class, t -> ErrorCode.LEDGER_DAMAGED);
    map.put(OperatorException.class, t -> ErrorCode.OPERATOR_REFUSED);
    map.put(LedgerConflictException.class, t -> ErrorCode.STATE_IN_USE);
    map.put(KeyFileException.class, t -> ErrorCode.KEY_FILE_UNUSABLE);
    map.put(OutdatedTrustException.class, t -> ErrorCode.TRUST_OUTDATED);
    map.put(CertificateException.class, t -> ErrorCode.KEY_FILE_UNUSABLE);
    map.put(BrokenInvariantException.class, t -> ErrorCode.INVARIANT_BROKEN);
    map.put(ProcessException.class, t -> ErrorCode.PROCESS_DIED);
    map.put(OutOfMemoryError.class, t -> ErrorCode.OUT_OF_MEMORY);
    map.put(BindException.class, t -> ErrorCode.PORT_IN_USE);
    return map;
  }

  /** A module's word; one that this catalogue does not have would be a bug, but still a failure. */
  private static ErrorCode word(String word) {
    return ErrorCode.of(word).orElse(ErrorCode.INTERNAL);
  }

  private static boolean isFull(IOException thrown) {
    String message = String.valueOf(thrown.getMessage()).toLowerCase(Locale.ROOT);
    return message.contains("no space left") || message.contains("disk quota exceeded");
  }

  private static String words(Throwable thrown, ErrorCode code) {
    String message = thrown.getMessage() == null ? thrown.toString() : thrown.getMessage();
    if (code == ErrorCode.OUTPUT_NOT_WRITABLE && thrown instanceof FileSystemException file) {
      return "%s cannot be written (%s). Choose another folder with --out."
          .formatted(file.getFile(), file.getClass().getSimpleName());
    }
    if (code == ErrorCode.DISK_FULL && thrown instanceof IOException) {
      return "%s. Free some space, then run the command again; nothing that was acknowledged is lost."
          .formatted(message);
    }
    if (thrown instanceof OutOfMemoryError) {
      return "memory ran out (%s); the heap of this process may have %,d MiB. %s"
          .formatted(message, Runtime.getRuntime().maxMemory() >> 20, MORE_MEMORY);
    }
    return message;
  }
}
